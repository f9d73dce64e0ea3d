//! Pages of meeting data exactly as the API spells them.

use serde::Serialize;

/// Data of `vcMeetingListGet`.
#[derive(Serialize)]
pub(super) struct MeetingsData {
    pub(super) meeting_list: Vec<MeetingInfo>,
    #[serde(flatten)]
    pub(super) page: PageEnd,
}

/// Data of `vcParticipantListGet`.
#[derive(Serialize)]
pub(super) struct ParticipantsData {
    pub(super) participants: Vec<ParticipantInfo>,
    #[serde(flatten)]
    pub(super) page: PageEnd,
}

/// Data of `vcParticipantQualityListGet`.
#[derive(Serialize)]
pub(super) struct QualityData {
    pub(super) participant_quality_list: Vec<Quality>,
    #[serde(flatten)]
    pub(super) page: PageEnd,
}

/// Data of `vcResourceReservationListGet`.
#[derive(Serialize)]
pub(super) struct ReservationsData {
    pub(super) room_reservation_list: Vec<ReservationInfo>,
    #[serde(flatten)]
    pub(super) page: PageEnd,
}

/// Whether more follows, and where.
#[derive(Serialize)]
pub(super) struct PageEnd {
    pub(super) page_token: String,
    pub(super) has_more: bool,
}

/// `meeting_info`.
#[derive(Serialize)]
pub(super) struct MeetingInfo {
    pub(super) meeting_id: String,
    pub(super) meeting_topic: String,
    pub(super) meeting_type: i64,
    pub(super) organizer: String,
    pub(super) department: String,
    pub(super) user_id: String,
    pub(super) employee_id: String,
    pub(super) email: String,
    pub(super) mobile: String,
    pub(super) meeting_start_time: String,
    pub(super) meeting_end_time: String,
    pub(super) meeting_duration: String,
    pub(super) number_of_participants: String,
    pub(super) number_of_devices: String,
    pub(super) audio: bool,
    pub(super) video: bool,
    pub(super) sharing: bool,
    pub(super) recording: bool,
    pub(super) telephone: bool,
    pub(super) reserved_rooms: Vec<ReservedRoom>,
    pub(super) has_related_document: bool,
    pub(super) ai_note: bool,
    pub(super) is_external: bool,
    pub(super) meeting_subtype: i64,
    pub(super) meeting_instance_id: String,
    pub(super) number_of_webinar_viewers: String,
}

/// `reserved_room`.
#[derive(Serialize)]
pub(super) struct ReservedRoom {
    pub(super) room_id: String,
    pub(super) room_name: String,
}

/// `participant`.
#[derive(Serialize)]
pub(super) struct ParticipantInfo {
    pub(super) participant_name: String,
    pub(super) department: String,
    pub(super) user_id: String,
    pub(super) meeting_room_id: String,
    pub(super) employee_id: String,
    pub(super) phone: String,
    pub(super) email: String,
    pub(super) device: String,
    pub(super) app_version: String,
    pub(super) public_ip: String,
    pub(super) internal_ip: String,
    pub(super) use_rtc_proxy: bool,
    pub(super) location: String,
    pub(super) network_type: String,
    pub(super) protocol: String,
    pub(super) microphone: String,
    pub(super) speaker: String,
    pub(super) camera: String,
    pub(super) audio: bool,
    pub(super) video: bool,
    pub(super) sharing: bool,
    pub(super) join_time: String,
    pub(super) leave_time: String,
    pub(super) time_in_meeting: String,
    pub(super) leave_reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) accept_status: Option<i64>,
    pub(super) is_external: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) webinar_user_role: String,
}

/// `participant_quality`.
#[derive(Serialize)]
pub(super) struct Quality {
    pub(super) network: Network,
    pub(super) audio: Audio,
    pub(super) video: Picture,
    pub(super) screen_sharing: Picture,
    pub(super) cpu_usage: Cpu,
}

/// `quality_network`.
#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "fields are called as they are on the wire")]
pub(super) struct Network {
    pub(super) time: String,
    pub(super) network_delay: String,
    pub(super) bitrate_received: String,
    pub(super) packet_loss_avg_received: String,
    pub(super) packet_loss_max_received: String,
    pub(super) bitrate_sent: String,
    pub(super) packet_loss_avg_sent: String,
    pub(super) packet_loss_max_sent: String,
}

/// `quality_audio`.
#[derive(Serialize)]
pub(super) struct Audio {
    pub(super) time: String,
    pub(super) mic_input_volume: String,
    pub(super) speaker_volume: String,
    pub(super) bitrate_received: String,
    pub(super) latency_received: String,
    pub(super) jitter_received: String,
    pub(super) bitrate_sent: String,
    pub(super) latency_sent: String,
    pub(super) jitter_sent: String,
}

/// `quality_video_sharing`.
#[derive(Serialize)]
pub(super) struct Picture {
    pub(super) time: String,
    pub(super) bitrate_received: String,
    pub(super) latency_received: String,
    pub(super) jitter_received: String,
    pub(super) maximum_resolution_received: String,
    pub(super) framerate_received: String,
    pub(super) bitrate_sent: String,
    pub(super) latency_sent: String,
    pub(super) jitter_sent: String,
    pub(super) maximum_resolution_sent: String,
    pub(super) framerate_sent: String,
}

/// `quality_cpu_usage`.
#[derive(Serialize)]
pub(super) struct Cpu {
    pub(super) time: String,
    pub(super) client_avg_cpu_usage: String,
    pub(super) client_max_cpu_usage: String,
    pub(super) system_avg_cpu_usage: String,
    pub(super) system_max_cpu_usage: String,
}

/// `room_meeting_reservation`.
#[derive(Serialize)]
pub(super) struct ReservationInfo {
    pub(super) room_id: String,
    pub(super) room_name: String,
    pub(super) event_title: String,
    pub(super) reserver: String,
    pub(super) reserver_user_id: String,
    pub(super) department_of_reserver: String,
    pub(super) guests_number: String,
    pub(super) accepted_number: String,
    pub(super) event_start_time: String,
    pub(super) event_end_time: String,
    pub(super) event_duration: String,
    pub(super) reservation_status: String,
    pub(super) check_in_device: String,
    pub(super) room_check_in_status: String,
    pub(super) check_in_time: String,
    pub(super) is_release_early: String,
    pub(super) releasing_person: String,
    pub(super) releasing_time: String,
}
