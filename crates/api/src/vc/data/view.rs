//! Query -> records -> wire answer.

use std::collections::HashMap;
use std::sync::Arc;

use larkspur_platform::Caller;
use larkspur_store::meetings::{
    self, METRICS, Meeting, Participant, Place, Reservation, Sample, metric,
};

use super::codes::{self, refusal};
use super::page;
use super::people::People;
use super::wire::{
    Audio, Cpu, MeetingInfo, MeetingsData, Network, PageEnd, ParticipantInfo, ParticipantsData,
    Picture, Quality, QualityData, ReservationInfo, ReservationsData, ReservedRoom,
};
use crate::people::UserIdKind;
use crate::vc::asked::{AskedMeeting, AskedMeetings, AskedReservations, Asking};
use crate::vc::permission::{self, Visible};
use crate::vc::shown::{USUAL_OFFSET_MINUTES, Zone, duration, masked, measure};
use crate::{Answer, ApiError, Request, Services};

/// Chunks of minutes that hold a page, however few each has.
const CHUNKS: i64 = 4;

fn internal(error: impl std::fmt::Display) -> ApiError {
    codes::INTERNAL.caused_by(error)
}

/// Who asks, and how their answers look.
struct Viewer<'a> {
    services: &'a Services,
    caller: &'a Caller,
    kind: UserIdKind,
    visible: Visible,
    zone: Zone,
    rooms: HashMap<String, String>,
}

impl<'a> Viewer<'a> {
    /// The viewer of a request, who manages meetings.
    async fn of(services: &'a Services, request: &'a Request) -> Result<Self, ApiError> {
        let caller = request.caller()?;
        permission::check_room_scope(caller)?;
        let db = &services.store.db;
        if !permission::manages_meetings(db, caller).await.map_err(internal)? {
            return Err(codes::NO_PERMISSION
                .because("the user, or whoever made the app, must be allowed to manage meetings"));
        }
        let kind = request.query.text("user_id_type");
        let kind = permission::user_id_kind(caller, kind.as_deref(), codes::PARAM)?;
        let offset = meetings::utc_offset_minutes(db, &caller.tenant).await.map_err(internal)?;
        Ok(Self {
            services,
            caller,
            kind,
            visible: Visible::to(caller),
            zone: Zone::new(offset.unwrap_or(USUAL_OFFSET_MINUTES)),
            rooms: HashMap::new(),
        })
    }

    const fn asking(&self) -> Asking<'a> {
        Asking { services: self.services, caller: self.caller, user_ids: self.kind, query: true }
    }

    fn people(&self) -> People<'a> {
        People {
            services: self.services,
            caller: self.caller,
            kind: self.kind,
            known: HashMap::new(),
        }
    }

    fn email(&self, email: &str) -> String {
        if self.visible.email { email.to_owned() } else { String::new() }
    }

    fn mobile(&self, mobile: &str) -> String {
        if self.visible.mobile { masked(mobile) } else { String::new() }
    }

    async fn room(&mut self, id: &str) -> Result<String, ApiError> {
        if let Some(name) = self.rooms.get(id) {
            return Ok(name.clone());
        }
        let db = &self.services.store.db;
        let name = meetings::room_name(db, &self.caller.tenant, id).await.map_err(internal)?;
        let name = name.unwrap_or_default();
        self.rooms.insert(id.to_owned(), name.clone());
        Ok(name)
    }

    async fn meeting(
        &mut self,
        meeting: Meeting,
        people: &mut People<'_>,
    ) -> Result<MeetingInfo, ApiError> {
        let mut reserved_rooms = Vec::with_capacity(meeting.room_ids.len());
        for room_id in &meeting.room_ids {
            let room_name = self.room(room_id).await?;
            reserved_rooms.push(ReservedRoom { room_id: room_id.clone(), room_name });
        }
        Ok(MeetingInfo {
            meeting_id: meeting.meeting_no,
            meeting_topic: meeting.topic,
            meeting_type: meeting.meeting_type,
            organizer: meeting.organizer,
            department: meeting.department,
            user_id: people.name(&meeting.user_id).await.map_err(internal)?,
            employee_id: meeting.employee_no,
            email: self.email(&meeting.email),
            mobile: self.mobile(&meeting.mobile),
            meeting_start_time: self.zone.time(meeting.start_time),
            meeting_end_time: self.zone.time(meeting.end_time),
            meeting_duration: duration(meeting.start_time, meeting.end_time),
            number_of_participants: meeting.participants.to_string(),
            number_of_devices: meeting.devices.to_string(),
            audio: meeting.audio,
            video: meeting.video,
            sharing: meeting.sharing,
            recording: meeting.recording,
            telephone: meeting.telephone,
            reserved_rooms,
            has_related_document: meeting.has_related_document,
            ai_note: meeting.ai_note,
            is_external: meeting.is_external,
            meeting_subtype: meeting.meeting_subtype,
            meeting_instance_id: meeting.id,
            number_of_webinar_viewers: meeting.webinar_viewers.to_string(),
        })
    }

    async fn participant(
        &self,
        stay: Participant,
        people: &mut People<'_>,
    ) -> Result<ParticipantInfo, ApiError> {
        Ok(ParticipantInfo {
            participant_name: stay.name,
            department: stay.department,
            user_id: people.name(&stay.user_id).await.map_err(internal)?,
            meeting_room_id: stay.room_id,
            employee_id: stay.employee_no,
            phone: self.mobile(&stay.phone),
            email: self.email(&stay.email),
            device: stay.device,
            app_version: stay.app_version,
            public_ip: stay.public_ip,
            internal_ip: stay.internal_ip,
            use_rtc_proxy: stay.use_rtc_proxy,
            location: stay.location,
            network_type: stay.network_type,
            protocol: stay.protocol,
            microphone: stay.microphone,
            speaker: stay.speaker,
            camera: stay.camera,
            audio: stay.audio,
            video: stay.video,
            sharing: stay.sharing,
            join_time: self.zone.time(stay.join_time),
            leave_time: self.zone.time(stay.leave_time),
            time_in_meeting: duration(stay.join_time, stay.leave_time),
            leave_reason: stay.leave_reason,
            accept_status: Some(stay.accept_status).filter(|status| *status != 0),
            is_external: stay.is_external,
            webinar_user_role: stay.webinar_user_role,
        })
    }

    async fn reservation(
        &self,
        one: Reservation,
        topic: bool,
        people: &mut People<'_>,
    ) -> Result<ReservationInfo, ApiError> {
        let early = one.releasing_time != 0;
        Ok(ReservationInfo {
            room_id: one.room_id,
            room_name: one.room_name,
            event_title: if topic { one.topic } else { String::new() },
            reserver: one.reserver,
            reserver_user_id: people.name(&one.user_id).await.map_err(internal)?,
            department_of_reserver: one.department,
            guests_number: one.guests.to_string(),
            accepted_number: one.accepted.to_string(),
            event_start_time: self.zone.time(one.start_time),
            event_end_time: self.zone.time(one.end_time),
            event_duration: duration(one.start_time, one.end_time),
            // The platform's own example repeats the status here where a room was given back.
            is_release_early: if early { one.reservation_status.clone() } else { String::new() },
            reservation_status: one.reservation_status,
            check_in_device: one.check_in_device,
            room_check_in_status: one.check_in_status,
            check_in_time: self.zone.time(one.check_in_time),
            releasing_person: one.releasing_person,
            releasing_time: self.zone.time(one.releasing_time),
        })
    }

    fn quality(&self, sample: &Sample) -> Quality {
        let time = self.zone.time(sample.minute * 60);
        let show = |index: usize| {
            let mut text = String::new();
            if let (Some(value), Some(metric)) = (sample.get(index), METRICS.get(index)) {
                measure(value, metric.unit, &mut text);
            }
            text
        };
        macro_rules! shown {
            ($name:expr) => {
                show(const { metric($name) })
            };
        }
        macro_rules! picture {
            ($stream:literal) => {
                Picture {
                    time: time.clone(),
                    bitrate_received: shown!(concat!($stream, "_bitrate_received")),
                    latency_received: shown!(concat!($stream, "_latency_received")),
                    jitter_received: shown!(concat!($stream, "_jitter_received")),
                    maximum_resolution_received: shown!(concat!($stream, "_resolution_received")),
                    framerate_received: shown!(concat!($stream, "_framerate_received")),
                    bitrate_sent: shown!(concat!($stream, "_bitrate_sent")),
                    latency_sent: shown!(concat!($stream, "_latency_sent")),
                    jitter_sent: shown!(concat!($stream, "_jitter_sent")),
                    maximum_resolution_sent: shown!(concat!($stream, "_resolution_sent")),
                    framerate_sent: shown!(concat!($stream, "_framerate_sent")),
                }
            };
        }
        Quality {
            network: Network {
                time: time.clone(),
                network_delay: shown!("network_delay"),
                bitrate_received: shown!("network_bitrate_received"),
                packet_loss_avg_received: shown!("network_loss_avg_received"),
                packet_loss_max_received: shown!("network_loss_max_received"),
                bitrate_sent: shown!("network_bitrate_sent"),
                packet_loss_avg_sent: shown!("network_loss_avg_sent"),
                packet_loss_max_sent: shown!("network_loss_max_sent"),
            },
            audio: Audio {
                time: time.clone(),
                mic_input_volume: shown!("mic_volume"),
                speaker_volume: shown!("speaker_volume"),
                bitrate_received: shown!("audio_bitrate_received"),
                latency_received: shown!("audio_latency_received"),
                jitter_received: shown!("audio_jitter_received"),
                bitrate_sent: shown!("audio_bitrate_sent"),
                latency_sent: shown!("audio_latency_sent"),
                jitter_sent: shown!("audio_jitter_sent"),
            },
            video: picture!("video"),
            screen_sharing: picture!("sharing"),
            cpu_usage: Cpu {
                client_avg_cpu_usage: shown!("client_cpu_avg"),
                client_max_cpu_usage: shown!("client_cpu_max"),
                system_avg_cpu_usage: shown!("system_cpu_avg"),
                system_max_cpu_usage: shown!("system_cpu_max"),
                time,
            },
        }
    }
}

/// The end of a page; the token is empty on the last one.
fn page_end(more: bool, token: Option<String>) -> PageEnd {
    PageEnd { page_token: token.filter(|_| more).unwrap_or_default(), has_more: more }
}

fn flag(request: &Request, name: &str) -> Result<bool, ApiError> {
    let flag = request.query.flag(name);
    let flag = flag.map_err(|text| codes::PARAM.because(format!("{name} cannot be `{text}`")))?;
    Ok(flag.unwrap_or(false))
}

fn asked_meeting(request: &Request) -> AskedMeeting {
    let text = |name| request.query.text(name);
    AskedMeeting {
        start: text("meeting_start_time"),
        end: text("meeting_end_time"),
        status: text("meeting_status"),
        meeting_no: text("meeting_no"),
        join: text("join_time"),
        user_id: text("user_id"),
        room_id: text("room_id"),
    }
}

/// `vcMeetingListGet`.
pub(super) async fn meetings(
    services: Arc<Services>,
    request: Request,
) -> Result<Answer, ApiError> {
    let mut viewer = Viewer::of(&services, &request).await?;
    let text = |name| request.query.text(name);
    let asked = AskedMeetings {
        start: text("start_time"),
        end: text("end_time"),
        status: text("meeting_status"),
        meeting_no: text("meeting_no"),
        user_id: text("user_id"),
        room_id: text("room_id"),
        meeting_type: text("meeting_type"),
    };
    let size = page::size(&request)?;
    let external = flag(&request, "include_external_meetings")?;
    let filter = viewer.asking().meetings(&asked).await;
    let filter = filter.map_err(|misfit| refusal(misfit, codes::END_IN_A_YEAR))?;
    let behind = page::place(&request, Place::before(filter.from_s))?;
    let (db, tenant) = (&services.store.db, &viewer.caller.tenant);
    let mut found = meetings::meetings(db, tenant, &filter, &behind, size as i64 + 1)
        .await
        .map_err(internal)?;
    let more = page::cut(&mut found, size);
    let token = found.last().map(|last| page::token(last.start_time, &last.id));
    let mut people = viewer.people();
    let mut meeting_list = Vec::with_capacity(found.len());
    for meeting in found {
        // Others' meetings are left out of the page they would stand on.
        if external || !meeting.is_external {
            meeting_list.push(viewer.meeting(meeting, &mut people).await?);
        }
    }
    Answer::data(&MeetingsData { meeting_list, page: page_end(more, token) })
}

/// `vcParticipantListGet`.
pub(super) async fn participants(
    services: Arc<Services>,
    request: Request,
) -> Result<Answer, ApiError> {
    let viewer = Viewer::of(&services, &request).await?;
    let size = page::size(&request)?;
    let role = request.query.text("webinar_user_role");
    let found = viewer.asking().participants(&asked_meeting(&request)).await;
    let (meeting, who) = found.map_err(|misfit| refusal(misfit, codes::END_IN_A_DAY))?;
    let behind = page::place(&request, Place::before(0))?;
    let (db, tenant) = (&services.store.db, &viewer.caller.tenant);
    let mut found = meetings::participants(db, tenant, &meeting.id, &who, &behind, size as i64 + 1)
        .await
        .map_err(internal)?;
    let more = page::cut(&mut found, size);
    let token = found.last().map(|last| page::token(last.join_time, &last.id));
    let mut people = viewer.people();
    let mut participants = Vec::with_capacity(found.len());
    for stay in found {
        if role.as_ref().is_none_or(|role| *role == stay.webinar_user_role) {
            participants.push(viewer.participant(stay, &mut people).await?);
        }
    }
    Answer::data(&ParticipantsData { participants, page: page_end(more, token) })
}

/// `vcParticipantQualityListGet`.
pub(super) async fn quality(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let viewer = Viewer::of(&services, &request).await?;
    let size = page::size(&request)?;
    let stay = viewer.asking().quality(&asked_meeting(&request)).await;
    let stay = stay.map_err(|misfit| refusal(misfit, codes::END_IN_A_DAY))?;
    let first = page::place(&request, Place::before(0))?.time_s;
    let (db, tenant) = (&services.store.db, &viewer.caller.tenant);
    let mut found = Vec::new();
    let mut from = first;
    while found.len() <= size {
        let some = meetings::samples(db, tenant, &stay.id, from, CHUNKS).await.map_err(internal)?;
        let Some(last) = some.last() else { break };
        from = last.minute + 1;
        found.extend(some);
    }
    let more = page::cut(&mut found, size);
    let token = found.last().map(|last| page::token(last.minute + 1, ""));
    let participant_quality_list = found.iter().map(|sample| viewer.quality(sample)).collect();
    Answer::data(&QualityData { participant_quality_list, page: page_end(more, token) })
}

/// `vcResourceReservationListGet`.
pub(super) async fn reservations(
    services: Arc<Services>,
    request: Request,
) -> Result<Answer, ApiError> {
    let viewer = Viewer::of(&services, &request).await?;
    let size = page::size(&request)?;
    let topic = flag(&request, "need_topic")?;
    let text = |name| request.query.text(name);
    let asked = AskedReservations {
        level: text("room_level_id"),
        start: text("start_time"),
        end: text("end_time"),
        rooms: request.query.texts("room_ids"),
        exclude: flag(&request, "is_exclude")?,
    };
    let filter = viewer.asking().reservations(&asked).await;
    let filter = filter.map_err(|misfit| refusal(misfit, codes::END_IN_A_DAY))?;
    let behind = page::place(&request, Place::before(filter.from_s))?;
    let (db, tenant) = (&services.store.db, &viewer.caller.tenant);
    let mut found = meetings::reservations(db, tenant, &filter, &behind, size as i64 + 1)
        .await
        .map_err(internal)?;
    let more = page::cut(&mut found, size);
    let token = found.last().map(|last| page::token(last.start_time, &last.id));
    let mut people = viewer.people();
    let mut room_reservation_list = Vec::with_capacity(found.len());
    for one in found {
        room_reservation_list.push(viewer.reservation(one, topic, &mut people).await?);
    }
    Answer::data(&ReservationsData { room_reservation_list, page: page_end(more, token) })
}
