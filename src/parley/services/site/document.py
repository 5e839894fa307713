"""What GetSite answers: a site, its settings and its session types as ns1:siteInstance.

The sections and their order are those of a recorded answer; the values are the site's own. What Parley does not have
(telephony, commerce, programs to install) is answered as switched off, and numbers of it as 0. What kind of media
there is follows from the active session types.

Sources: facts/user-site.md 7 (GetSite), facts/versions.md 3 (order of the recorded answer) and 2 (42.2.0, 11.0 SP9).
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import msgspec

from parley.contract import event
from parley.contract import service as serv
from parley.contract import site as ns1
from parley.contract import site_config as config
from parley.contract.meetingtype import OptionsType
from parley.domain import timezones
from parley.domain.site import LabSettings, SessionType, SiteSettings, Telephony, TrackingCode
from parley.protocol.declare import Record
from parley.services.known_sites import KnownSite
from parley.services.links import Links
from parley.services.session_types import AUDIO_PREFIX, stored_type
from parley.services.site import criteria
from parley.services.telephony import global_numbers

#: The train that GetAPIVersion names too; page and client versions of the services count with it.
_VERSION: Final = "T32L"
#: Services in the order of the recorded answer, with their names in metaData, which have a blank.
_SERVICES: Final = {
    "MeetingCenter": "Meeting Center",
    "EventCenter": "Event Center",
    "TrainingCenter": "Training Center",
    "SupportCenter": "Support Center",
    "SalesCenter": "Sales Center",
}
#: Buttons of a bar that nobody arranged, and the service whose being there enables them; None: no `enabled` at all.
_BUTTONS: Final = (
    ("Welcome", None),
    ("Meeting Center", "MeetingCenter"),
    ("Event Center", "EventCenter"),
    ("Sales Center", "SalesCenter"),
    ("Support Center", "SupportCenter"),
    ("Training Center", "TrainingCenter"),
    ("Site Administration", None),
    ("Presentation Studio", ""),
)
#: The services for which GetSite tells when a tracking code is asked for, as recorded.
TRACKED_SERVICES: Final = ("MeetingCenter", "EventCenter", "TrainingCenter", "SupportCenter")


class HostCount(NamedTuple):
    """How many host accounts a site may have, and how many are active."""

    limit: int
    active: int


class _Offered(NamedTuple):
    """What the active session types of a site allow, taken together."""

    types: list[SessionType]
    services: frozenset[str]
    options: frozenset[str]
    """Fields of mtgtype:optionsType that at least one type has."""


def site_instance(known: KnownSite, links: Links, hosts: HostCount | None, *, event_center: bool) -> ns1.SiteType:
    """The answer of GetSite.

    Args:
        links: tells the addresses of the site.
        hosts: the number of hosts, on sites where it is limited.
        event_center: whether the fields of event registration were asked for (returnSettings/eventCenter).
    """
    settings, offered = known.settings, _offered(known)
    return ns1.SiteType(
        meta_data=_meta_data(known, links, offered, hosts),
        ucf=config.UcfType(ucf_configuration=""),
        client_platforms=_CLIENT_PLATFORMS,
        resource_restrictions=msgspec.structs.replace(
            _RESOURCES, archive_storage_limit=settings.archive_storage_limit or 0
        ),
        support_api=_support_api(settings),
        my_web_ex_config=_my_web_ex_config(settings),
        telephony_config=_telephony(settings, offered),
        commerce_and_reporting=_commerce(settings),
        tools=_tools(links, known.site.name, offered, settings.labs),
        cust_communications=_CUST_COMMUNICATIONS,
        tracking_codes=ns1.SiteTypeTrackingCodes(tracking_code=[_tracking_code(x) for x in _sorted_codes(settings)]),
        supported_services=_supported_services(settings, offered),
        security_options=_security_options(settings),
        defaults=_defaults(settings, offered),
        schedule_meeting_options=config.ScheduleOptionsType(
            schedule_on_behalf=settings.schedule_on_behalf, save_session_template=False
        ),
        nav_bar_top=_nav_bar_top(offered),
        nav_my_web_ex=_NAV_MY_WEB_EX,
        nav_all_services=_NAV_ALL_SERVICES,
        password_criteria=criteria.told(config.PasswordCriteriaType, settings.meeting_password_criteria),
        recording_password_criteria=criteria.told(
            ns1.SiteTypeRecordingPasswordCriteria, settings.recording_password_criteria
        ),
        account_password_criteria=criteria.told(config.AccountPasswordCriteriaType, settings.account_password_criteria),
        productivity_tools=_PRODUCTIVITY_TOOLS,
        meeting_place=_meeting_place(settings),
        event_center=_EVENT_CENTER if event_center else None,
        sales_center=config.SalesCenterType(allow_join_without_login=False),
        connect_integration=config.ConnectIntegrationType(integrated_web_ex_11=False),
        video=_video(offered),
        site_common_options=_all(
            ns1.SiteTypeSiteCommonOptions, False, enable_personal_meeting_room=settings.personal_rooms
        ),
        saml_sso=ns1.SiteTypeSamlSSO(enable_sso=bool(settings.saml.entity_id), auto_account_creation=False),
    )


def _offered(known: KnownSite) -> _Offered:
    active = [each for _, each in sorted(known.types.items()) if each.active]
    options = {name for each in active for name in _held(stored_type(each).options)}
    return _Offered(active, frozenset(each.service for each in active), frozenset(options))


def _held(options: OptionsType) -> list[str]:
    return [name for name in OptionsType.__struct_fields__ if getattr(options, name)]


def _all(cls: type[Record], value: object, **others: Any) -> Any:
    """A record whose fields all have one value, apart from those named."""
    return cls(**{**dict.fromkeys(cls.__struct_fields__, value), **others})


# --- metaData --------------------------------------------------------------------------------------------------------


def _meta_data(known: KnownSite, links: Links, offered: _Offered, hosts: HostCount | None) -> config.MetaDataType:
    site, settings = known.site, known.settings
    host = links.host_name(site.name)
    return config.MetaDataType(
        is_enterprise=True,
        # The schema wants one at least; a site without any active type is answered as one for meetings.
        service_type=[name for key, name in _SERVICES.items() if key in offered.services] or ["Meeting Center"],
        meeting_types=[
            config.MetaDataTypeMeetingTypes(
                meeting_type_id=each.type_id,
                meeting_type_name=each.prefix,
                hide_in_scheduler=bool(stored_type(each).options.hide_in_scheduler),
            )
            for each in offered.types
        ],
        site_name=site.name,
        brand_name=settings.brand_names or [site.name],
        region=settings.region,
        currency=settings.currency,
        time_zone_id=settings.default_time_zone_id,
        time_zone=timezones.zone(settings.default_time_zone_id).text,
        parter_id=site.partner_id or "",
        web_domain=host,
        meeting_domain=host,
        telephony_domain="",
        page_version=_VERSION,
        client_version=_VERSION,
        page_language=settings.language,
        activate_status=site.active,
        web_page_type="J2EE",
        i_calendar=True,
        my_web_ex_default_page="My Meetings",
        component_version="cmp3200",
        account_num_limit=hosts and hosts.limit,
        active_user_count=hosts and hosts.active,
        display_meeting_actual_time=False,
        display_offset=True,
        support_web_ex_11=False,
    )


# --- sections that are the same for all sites ------------------------------------------------------------------------

_CLIENT_PLATFORMS: Final = _all(config.ClientPlatformsType, False, ms_windows=True, mac_os_x=True, linux=True)
_RESOURCES: Final = config.ResourceRestrictionsType(
    is_license_manager=True,
    concurrent_license=0,
    file_folder_capacity=0,
    max_concurrent_events=0,
    archive_storage_limit=0,
)
_CUST_COMMUNICATIONS: Final = config.CustCommunicationsType(
    display_type=_all(config.DisplayTypeType, False), display_method=_all(config.DisplayMethodType, False)
)
_NAV_MY_WEB_EX: Final = config.MyWebExBarType(
    partner_integration=False, support=config.UrlType(), training=config.UrlType()
)
_NAV_ALL_SERVICES: Final = config.AllServiceBarType(
    support=config.LinkType(name="Support"),
    training=config.LinkType(name="Training"),
    support_menu=config.MenuType(support_my_resources=False),
)
_PRODUCTIVITY_TOOLS: Final = config.ProductivityToolType(
    enable=False,
    install_opts=config.InstallationOptionType(auto_update=False),
    integrations=_all(config.IntegrationType, False, cisco_cuae_url=None, cuma_url=None),
    one_click=config.OneClickType(allow_join_unlist_meeting=True, require_approve_join=False),
    templates=config.TemplateType(use_template=False),
    lock_down_pt=config.LockDownPTType(lock_down=False),
    im_settings=config.ImSettingsType(attendee_invite_other=False),
)
_FIELD: Final = event.EnrollmentFieldType(incl=True, req=True)
_EVENT_CENTER: Final = ns1.EventCenterType(
    standard_fields=ns1.EventCenterTypeStandardFields(first_name=_FIELD, last_name=_FIELD, email_address=_FIELD),
    custom_fields=event.CustomFieldsType(),
)
_SERVER: Final = serv.PersonalTeleServerType(
    toll_num="",
    enable_server=False,
    toll_label="Call-in toll number (US/Canada)",
    toll_free_label="Call-in toll-free number (US/Canada)",
)
_BACKUP: Final = serv.PersonalTeleServerType(
    toll_num="",
    enable_server=False,
    toll_label="Backup call-in toll number (US/Canada)",
    toll_free_label="Backup call-in toll-free number (US/Canada)",
)
_ADAPTOR: Final = config.TspServerType(
    enable_adaptor=False,
    server_ip="",
    mp_audio=[config.MpAudioType(label="Call-in number"), config.MpAudioType(label="Call-in toll-free number")],
)


# --- sections with values of the site --------------------------------------------------------------------------------


def _support_api(settings: SiteSettings) -> config.SupportAPIType:
    offered = settings.url_api.offered
    return config.SupportAPIType(
        auto_login=offered and settings.url_api.auto_login,
        asp_and_php_api=offered,
        backward_api=False,
        xml_api=True,
        c_api=False,
        scorm=False,
    )


def _my_web_ex_config(settings: SiteSettings) -> config.MyWebExConfigType:
    """Of the hosts' own pages only the list of meetings is there. The last four are elements of level 42.2."""
    classic = not settings.control_hub
    customized = classic and settings.customize_profile_fields
    own, limits = config.MyWebExConfigType, settings.my_web_ex
    fields: dict[str, Any] = {
        element.attribute: 0 if element.kind == "integer" else False
        for element in own.__declaration__.elements
        if element.kind in ("integer", "boolean") and element.since is None
    }
    fields.update(
        my_meetings=True,
        my_meetings_pro=True,
        enable_my_web_ex_pro=limits.pro_hosts is not None,
        my_web_ex_pro_host_limit=None if limits.pro_hosts is None else "STRICT",
        my_web_ex_pro_max_hosts=limits.pro_hosts or 0,
        addl_access_any_computers_limit="STRICT",
        addl_access_any_computers=limits.extra_computers or 0,
        addl_storage_limit="STRICT",
        addl_storage=limits.extra_storage or 0,
        allow_change_first_name=settings.allow_change_first_name if customized else None,
        allow_change_last_name=settings.allow_change_last_name if customized else None,
        allow_change_display_name=settings.allow_change_display_name if customized else None,
        allow_upload_pr_avatar=settings.allow_upload_pr_avatar if classic else None,
    )
    return own(**fields)


def _numbers(telephony: Telephony) -> serv.PersonalTeleServerType:
    """The first server of the site's telephony: with the numbers that people call in to, off without one."""
    return msgspec.structs.replace(
        _SERVER,
        toll_num=telephony.toll_number,
        toll_free_num=telephony.toll_free_number or None,
        intl_local_num=telephony.intl_local_number or None,
        global_num=global_numbers(telephony),
        enable_server=telephony != Telephony(),
    )


def _telephony(settings: SiteSettings, offered: _Offered) -> config.TelephonyConfigType:
    """No telephone network is connected, though the site may have numbers to tell.

    subscribePassword and the other access data of one are never answered.
    """
    return config.TelephonyConfigType(
        is_tsp_using_telephony_api=False,
        service_name="Personal Conference No.",
        participant_access_code_label="Attendee access code",
        subscriber_access_code_label="Host access code",
        attendee_id_label="Attendee ID",
        internet_phone="support_voip" in offered.options,
        support_call_in_type_teleconf=False,
        call_in_teleconferencing=False,
        toll_free_callin_teleconferencing=False,
        intl_call_in_teleconferencing=False,
        call_back_teleconferencing=False,
        default_phone_lines="0",
        default_speaking_lines="0",
        public_name="Call-in User",
        hybrid_teleconference=False,
        instant_help=False,
        customer_manage=False,
        max_callers_number=0,
        is_specified=False,
        is_continue=False,
        intl_call_back_teleconferencing=False,
        personal_teleconf=config.TelephonyConfigTypePersonalTeleconf(
            primary_large_server=_numbers(settings.telephony),
            backup1_large_server=_SERVER,
            backup2_large_server=_BACKUP,
            primary_small_server=_SERVER,
            backup1_small_server=_SERVER,
            backup2_small_server=_BACKUP,
            join_before_host=False,
        ),
        multi_media_platform=False,
        broadcast_audio_stream=False,
        tsp_adaptor_settings=config.TelephonyConfigTypeTspAdaptorSettings(
            primary_large=_ADAPTOR, backup1_large=_ADAPTOR, backup2_large=_ADAPTOR
        ),
        meeting_place=config.MeetingPlaceTelephonyType(
            persistent_tsp=False, mp_audio_conferencing="WithoutIntegration"
        ),
        support_other_type_teleconf=False,
        other_tele_service_name="Other teleconference service",
        support_adapterless_tsp=False,
        display_attendee_id=False,
        provision_tele_account=False,
        choose_pcn=False,
        audio_only=any(each.prefix == AUDIO_PREFIX for each in offered.types),
        config_toll_and_toll_free_num=False,
        config_primary_ts=False,
        tele_cli_auth_enabled=False,
        tele_cli_pin_enabled=False,
    )


def _commerce(settings: SiteSettings) -> config.CommerceAndReportingType:
    return config.CommerceAndReportingType(
        tracking_code=bool(settings.tracking_codes),
        site_admin_report=False,
        subscription_service=False,
        is_e_commerce=False,
        customer_e_commerce=False,
        is_local_tax=False,
        local_tax_name="VAT",
        local_taxt_rate=0.0,
        hol_report=0,
    )


def _tools(links: Links, name: str, offered: _Offered, labs: LabSettings) -> config.ToolsType:
    records = "support_meeting_record" in offered.options
    return config.ToolsType(
        business_directory=False,
        office_calendar=False,
        meeting_calendar=False,
        display_on_call_assist_link=False,
        display_profile_link=False,
        recording_and_playback=records,
        recording_editor=False,
        publish_recordings=False,
        instant_meeting=True,
        emails=False,
        outlook_integration=False,
        wireless_access=False,
        allow_public_access=True,
        ssl=links.root(name).startswith("https:"),
        hands_on_lab=labs.offered,
        hol_max_labs=labs.max_labs if labs.offered else 0,
        hol_max_computers=labs.max_computers if labs.offered else 0,
        user_lock_down=False,
        meeting_assist=False,
        sms=False,
        encryption="E2E" if "support_e2e" in offered.options else "NONE",
        internal_meeting=False,
        enable_tp=False,
        enable_tp_plus=False,
    )


def _sorted_codes(settings: SiteSettings) -> list[TrackingCode]:
    return sorted(settings.tracking_codes, key=lambda code: code.index)


def _tracking_code(code: TrackingCode) -> config.TrackingCodeType:
    """inputMode is chosen after the later REST interface: a list where there are values, else a text."""
    return config.TrackingCodeType(
        index=code.index,
        name=code.name,
        input_mode="select" if code.values else "text",
        host_profile=code.profile_rule,
        scheduling_page=[
            config.CodeSchedulingType(service=name, scheduling=code.scheduling.get(service, "NOT_USED"))
            for service, name in _SERVICES.items()
            if service in TRACKED_SERVICES
        ],
        list_value=[
            config.CodeListType(index=index, value=value, active=True) for index, value in enumerate(code.values, 1)
        ],
    )


def _supported_services(settings: SiteSettings, offered: _Offered) -> config.SupportedServicesType:
    def facts(service: str, prefix: str) -> dict[str, Any]:
        enabled = service in offered.services
        return {"enabled": enabled, "page_version": f"{prefix}3200", "client_version": _VERSION}

    return config.SupportedServicesType(
        meeting_center=config.SupportedServiceType(**facts("MeetingCenter", "mc")),
        training_center=config.SupportedServiceType(**facts("TrainingCenter", "tc")),
        support_center=config.SupportedServicesTypeSupportCenter(
            **facts("SupportCenter", "sc"), web_acd=bool(settings.support_queues)
        ),
        event_center=config.SupportedServicesTypeEventCenter(
            **facts("EventCenter", "ec"), marketing_add_on=False, optimize_attendee_bandwidth_usage=False
        ),
        sales_center=config.SupportedServiceType(**facts("SalesCenter", "sac")),
    )


def _security_options(settings: SiteSettings) -> config.SecurityOptionsType:
    strict_recordings = settings.strict_recording_passwords
    return config.SecurityOptionsType(
        password_expires=settings.password_days is not None,
        password_lifetime=settings.password_days or 0,
        all_meetings_unlisted=settings.all_meetings_unlisted,
        all_meetings_password=settings.all_meetings_password,
        join_before_host=settings.join_before_host,
        audio_before_host=settings.audio_before_host,
        change_personal_url=settings.change_personal_url,
        change_user_name=settings.change_user_name,
        meetings=config.SecurityOptionsTypeMeetings(strict_passwords=settings.strict_meeting_passwords),
        strict_user_password=settings.strict_user_passwords,
        account_notify=False,
        require_login_before_site_access=False,
        change_pwd_when_auto_login=False,
        enforce_baseline=False,
        password_change_interval_opt=settings.password_rest is not None,
        password_change_interval=settings.password_rest or 0,
        first_attendee_as_presenter=settings.first_attendee_as_presenter,
        is_enable_uuid_link=True,
        is_enable_uuid_link_for_sac=False,
        enforce_recording_pwd_for_mc=strict_recordings,
        enforce_recording_pwd_for_ec=strict_recordings,
        enforce_recording_pwd_for_tc=strict_recordings,
        enforce_recording_pwd_for_misc=strict_recordings,
        ec_meetings_unlisted=settings.all_meetings_unlisted or settings.events_unlisted,
        tc_meetings_unlisted=settings.all_meetings_unlisted or settings.trainings_unlisted,
    )


def _defaults(settings: SiteSettings, offered: _Offered) -> config.DefaultsType:
    return config.DefaultsType(
        email_reminders=settings.email_reminders,
        entry_exit_tone=settings.entry_exit_tone,
        voip="support_voip" in offered.options,
        teleconference=config.TeleconferenceType(
            telephony_support=settings.telephony_support, toll_free=False, intl_local_call_in=False
        ),
        join_teleconf_not_press1=False,
        update_tsp_account=False,
    )


def _nav_bar_top(offered: _Offered) -> config.TopBarType:
    buttons = [
        config.NavigationBarType(
            order=order, enabled=None if service is None else service in offered.services, service_name=name
        )
        for order, (name, service) in enumerate(_BUTTONS, 1)
    ]
    return config.TopBarType(button=buttons, display_disabled_service=True)


def _meeting_place(settings: SiteSettings) -> config.MeetingPlaceType:
    """What SetSite set; the password of the profile is never answered."""
    kept = settings.meeting_place
    return config.MeetingPlaceType(
        mp_profile_url=kept.mp_profile_url or None,
        mp_logout_url=kept.mp_logout_url or None,
        mp_internal_meeting_link=kept.mp_internal_meeting_link or None,
        nbr_profile_number=kept.nbr_profile_number or None,
    )


def _video(offered: _Offered) -> ns1.SiteTypeVideo:
    has_video = "support_video" in offered.options
    return ns1.SiteTypeVideo(hq_video=has_video, max_bandwidth="MEDIUM" if has_video else "LOW", hd_video=has_video)
