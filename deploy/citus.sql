-- Spreads the tables of a Parley database over the machines of a Citus cluster, by site.
-- Written by scripts/write_docs.py from src/parley/store; change it there.
--
-- Run it on the coordinator, as the owner of the tables, after each `parley db upgrade`:
--     psql -v ON_ERROR_STOP=1 --single-transaction -f deploy/citus.sql parley
-- It may be run at any time: tables that are spread already are left as they are.
-- The extension is there already (CREATE EXTENSION citus), and the machines are added (citus_add_node).
-- The table alembic_version stays on the coordinator, where migrations run.

-- One transaction writes to tables that are everywhere and to those that refer to them.
SET citus.multi_shard_modify_mode TO 'sequential';

-- meta: belongs to the installation, a few rows that hardly change, read at the start.
SELECT create_reference_table('meta')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'meta'::regclass AND partmethod = 'n' AND repmodel = 't');

-- sites: found by name, which is unique in the whole installation; every table refers to it; changes seldom.
SELECT create_reference_table('sites')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'sites'::regclass AND partmethod = 'n' AND repmodel = 't');

-- Everything else lies with its site.
SELECT create_distributed_table('users', 'site_id', colocate_with => 'none')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'users'::regclass AND partmethod = 'h');
SELECT create_distributed_table('session_types', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'session_types'::regclass AND partmethod = 'h');
SELECT create_distributed_table('scheduling_permissions', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'scheduling_permissions'::regclass AND partmethod = 'h');
SELECT create_distributed_table('sessions', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'sessions'::regclass AND partmethod = 'h');
SELECT create_distributed_table('attendees', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'attendees'::regclass AND partmethod = 'h');
SELECT create_distributed_table('login_tickets', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'login_tickets'::regclass AND partmethod = 'h');
SELECT create_distributed_table('occurrence_seats', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'occurrence_seats'::regclass AND partmethod = 'h');
SELECT create_distributed_table('outbox', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'outbox'::regclass AND partmethod = 'h');
SELECT create_distributed_table('session_days', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'session_days'::regclass AND partmethod = 'h');
SELECT create_distributed_table('user_totals', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'user_totals'::regclass AND partmethod = 'h');
SELECT create_distributed_table('email_changes', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'email_changes'::regclass AND partmethod = 'h');
SELECT create_distributed_table('user_images', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'user_images'::regclass AND partmethod = 'h');
SELECT create_distributed_table('queue_members', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'queue_members'::regclass AND partmethod = 'h');
SELECT create_distributed_table('support_agents', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'support_agents'::regclass AND partmethod = 'h');
SELECT create_distributed_table('session_templates', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'session_templates'::regclass AND partmethod = 'h');
SELECT create_distributed_table('audit_log', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'audit_log'::regclass AND partmethod = 'h');
SELECT create_distributed_table('user_revisions', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'user_revisions'::regclass AND partmethod = 'h');
SELECT create_distributed_table('used_assertions', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'used_assertions'::regclass AND partmethod = 'h');
SELECT create_distributed_table('password_history', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'password_history'::regclass AND partmethod = 'h');
SELECT create_distributed_table('sign_in_failures', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'sign_in_failures'::regclass AND partmethod = 'h');
SELECT create_distributed_table('quotas', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'quotas'::regclass AND partmethod = 'h');
SELECT create_distributed_table('feedback', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'feedback'::regclass AND partmethod = 'h');
SELECT create_distributed_table('profile_numbers', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'profile_numbers'::regclass AND partmethod = 'h');
SELECT create_distributed_table('programs', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'programs'::regclass AND partmethod = 'h');
SELECT create_distributed_table('event_images', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'event_images'::regclass AND partmethod = 'h');
SELECT create_distributed_table('runs', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'runs'::regclass AND partmethod = 'h');
SELECT create_distributed_table('stays', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'stays'::regclass AND partmethod = 'h');
SELECT create_distributed_table('errands', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'errands'::regclass AND partmethod = 'h');
SELECT create_distributed_table('room_homes', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'room_homes'::regclass AND partmethod = 'h');
SELECT create_distributed_table('inspected_requests', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'inspected_requests'::regclass AND partmethod = 'h');
SELECT create_distributed_table('call_windows', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'call_windows'::regclass AND partmethod = 'h');
SELECT create_distributed_table('account_log', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'account_log'::regclass AND partmethod = 'h');
SELECT create_distributed_table('run_days', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'run_days'::regclass AND partmethod = 'h');
SELECT create_distributed_table('contacts', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'contacts'::regclass AND partmethod = 'h');
SELECT create_distributed_table('dist_lists', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'dist_lists'::regclass AND partmethod = 'h');
SELECT create_distributed_table('dist_list_members', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'dist_list_members'::regclass AND partmethod = 'h');
SELECT create_distributed_table('one_click_settings', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'one_click_settings'::regclass AND partmethod = 'h');
SELECT create_distributed_table('sales_accounts', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'sales_accounts'::regclass AND partmethod = 'h');
SELECT create_distributed_table('opportunities', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'opportunities'::regclass AND partmethod = 'h');
SELECT create_distributed_table('products', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'products'::regclass AND partmethod = 'h');
SELECT create_distributed_table('training_tests', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'training_tests'::regclass AND partmethod = 'h');
SELECT create_distributed_table('test_attempts', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'test_attempts'::regclass AND partmethod = 'h');
SELECT create_distributed_table('labs', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'labs'::regclass AND partmethod = 'h');
SELECT create_distributed_table('lab_reservations', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'lab_reservations'::regclass AND partmethod = 'h');
SELECT create_distributed_table('recordings', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'recordings'::regclass AND partmethod = 'h');
SELECT create_distributed_table('recording_shares', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'recording_shares'::regclass AND partmethod = 'h');
SELECT create_distributed_table('recording_accesses', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'recording_accesses'::regclass AND partmethod = 'h');
SELECT create_distributed_table('recording_usage', 'site_id', colocate_with => 'users')
 WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'recording_usage'::regclass AND partmethod = 'h');
