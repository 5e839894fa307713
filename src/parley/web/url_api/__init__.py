"""The URL API: commands that portals send as links and forms to p.php, m.php and o.php.

`api` finds the command and answers; each other module holds the commands of one group: functions of a `Desk` (the
request, who asks, what he may do) that give back what the answer tells. They turn parameters into requests of the XML
API and have its operations do the work, so rights and rules are the same.
Source: facts/url-api.md.
"""
