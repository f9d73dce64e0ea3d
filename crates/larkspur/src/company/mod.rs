//! A company that does not exist, and a month of its meetings: people and departments, rooms, meetings
//! with who was in them and how well it went, minute by minute. The same seed gives the same month.
//! What comes out are records as `POST /larkspur/v1/vc/load` takes them.

mod people;
mod quality;
mod random;

use serde_json::{Value, json};

use self::people::Person;
use self::random::Random;

const DAY_S: i64 = 86_400;
/// Days of a month here.
const DAYS: i64 = 30;
/// Clocks of the company are so far ahead of UTC.
const OFFSET_S: i64 = 8 * 3_600;
/// People of a company with so many meetings, at least and at most.
const PEOPLE: (u64, u64) = (24, 400);
/// Where the rooms are: building, floors, rooms of a floor.
const BUILDINGS: [(&str, u64, u64); 3] =
    [("望京一号楼", 4, 5), ("西二旗大厦", 3, 4), ("滨江中心", 2, 3)];
const CITIES: [&str; 3] = ["北京", "北京", "杭州"];
const ROOM_NAMES: [&str; 12] = [
    "泰山", "华山", "衡山", "嵩山", "黄山", "庐山", "峨眉", "武夷", "昆仑", "天山", "雁荡", "普陀",
];
const TOPICS: [&str; 16] = [
    "产品周会",
    "项目例会",
    "需求评审",
    "技术方案评审",
    "季度规划",
    "客户沟通",
    "招聘面试",
    "迭代复盘",
    "设计走查",
    "预算讨论",
    "线上故障复盘",
    "新人培训",
    "一对一沟通",
    "合同评审",
    "市场活动筹备",
    "全员大会",
];
const DEVICES: [(&str, &str); 6] = [
    ("WINDOWS", "7.28.5"),
    ("WINDOWS", "7.27.8"),
    ("MAC", "7.28.5"),
    ("MAC", "7.26.3"),
    ("IOS", "7.28.6"),
    ("ANDROID", "7.28.4"),
];
const NETWORKS: [&str; 5] = ["wifi", "wifi", "wifi", "wired", "5g"];
const PLACES: [&str; 5] = ["北京", "杭州", "上海", "深圳", "成都"];
const MICROPHONES: [&str; 4] =
    ["与系统一致", "麦克风阵列 (Realtek(R) Audio)", "MacBook Pro麦克风", "AirPods Pro"];
const SPEAKERS: [&str; 4] =
    ["与系统一致", "扬声器 (Realtek(R) Audio)", "MacBook Pro扬声器", "AirPods Pro"];
const CAMERAS: [&str; 3] = ["Integrated Camera", "FaceTime高清摄像头", "HD Camera"];
const REASONS: [&str; 4] = ["主持人结束会议", "主持人结束会议", "主动离会", "网络断开"];
const CHECK_IN: [&str; 5] = ["签到板", "签到板", "签到二维码", "控制器", "触屏板"];

/// A user of the tenant who is one of the company's people.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    /// Id in the tenant.
    pub(crate) user_id: String,
    /// Name.
    pub(crate) name: String,
}

/// What is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Month {
    /// How many meetings.
    pub(crate) meetings: u64,
    /// What it all follows from.
    pub(crate) seed: u64,
    /// When the month ends, seconds: no meeting ends later.
    pub(crate) until_s: i64,
    /// Somebody who organises the last meeting, if there is anybody.
    pub(crate) member: Option<Member>,
}

/// What somebody who tries it out wants to ask for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Landmarks {
    /// Number of the last meeting.
    pub(crate) meeting_no: String,
    /// When it began and ended, seconds.
    pub(crate) start_s: i64,
    /// When it ended, seconds.
    pub(crate) end_s: i64,
    /// When its organiser joined, seconds.
    pub(crate) join_s: i64,
    /// The organiser's id in the tenant.
    pub(crate) user_id: String,
    /// The level of rooms that all others are below.
    pub(crate) room_level_id: String,
}

/// One room of the company.
struct Room {
    id: String,
    name: String,
}

/// The company while it makes its month.
struct Company {
    random: Random,
    people: Vec<Person>,
    rooms: Vec<Room>,
    level: String,
}

impl Month {
    /// Gives the records one by one to `keep`, whatever others speak of before those.
    ///
    /// # Errors
    /// What `keep` gives up on.
    pub(crate) fn records<E>(
        &self,
        keep: &mut dyn FnMut(Value) -> Result<(), E>,
    ) -> Result<Landmarks, E> {
        let mut company = Company::new(self);
        company.places(keep)?;
        let mut starts: Vec<i64> = (0..self.meetings).map(|_| self.start(&mut company)).collect();
        starts.sort_unstable();
        let mut landmarks =
            Landmarks { room_level_id: company.level.clone(), ..Landmarks::default() };
        for (number, start) in starts.into_iter().enumerate() {
            let last = number as u64 + 1 == self.meetings;
            company.meeting(start, self.until_s, last, keep, &mut landmarks)?;
        }
        Ok(landmarks)
    }

    /// A quarter of an hour on a working day.
    fn start(&self, company: &mut Company) -> i64 {
        let random = &mut company.random;
        loop {
            let day =
                (self.until_s + OFFSET_S).div_euclid(DAY_S) - 1 - random.below(DAYS as u64) as i64;
            // 1970-01-01 was a Thursday.
            let weekday = (day + 3).rem_euclid(7);
            if weekday >= 5 && random.below(12) != 0 {
                continue;
            }
            let quarter = 9 * 4 + random.below(9 * 4) as i64;
            return day * DAY_S + quarter * 900 - OFFSET_S;
        }
    }
}

impl Company {
    fn new(month: &Month) -> Self {
        let mut random = Random::new(month.seed);
        let count = (month.meetings / 5).clamp(PEOPLE.0, PEOPLE.1);
        let mut people: Vec<Person> =
            (0..count).map(|number| Person::new(number, &mut random)).collect();
        if let (Some(member), Some(first)) = (&month.member, people.first_mut()) {
            first.user_id.clone_from(&member.user_id);
            first.name.clone_from(&member.name);
        }
        Self { random, people, rooms: Vec::new(), level: String::new() }
    }

    /// Levels and rooms.
    fn places<E>(&mut self, keep: &mut dyn FnMut(Value) -> Result<(), E>) -> Result<(), E> {
        let level = |random: &mut Random| format!("omb_{}", random.hex(32));
        self.level = level(&mut self.random);
        keep(json!({"kind": "room_level", "id": self.level, "name": "中国"}))?;
        let mut name = 0;
        for ((building, floors, rooms), city) in BUILDINGS.iter().zip(CITIES) {
            let above = level(&mut self.random);
            let title = format!("{city} {building}");
            keep(json!({"kind": "room_level", "id": above, "parent_id": self.level,
                        "name": title}))?;
            for floor in 1..=*floors {
                let id = level(&mut self.random);
                keep(json!({"kind": "room_level", "id": id, "parent_id": above,
                            "name": format!("F{floor}")}))?;
                for number in 0..*rooms {
                    let title = ROOM_NAMES[name % ROOM_NAMES.len()];
                    name += 1;
                    let room = Room {
                        id: format!("omm_{}", self.random.hex(32)),
                        name: format!("{building} F{floor}-{:02} {title}", number + 1),
                    };
                    keep(json!({"kind": "room", "id": room.id, "room_level_id": id,
                                "name": room.name}))?;
                    self.rooms.push(room);
                }
            }
        }
        Ok(())
    }

    /// Who comes: distinct people, the organiser first.
    fn party(&mut self, last: bool, guests: u64) -> Vec<Person> {
        let organizer = if last { 0 } else { self.random.below(self.people.len() as u64) };
        let mut indices = vec![organizer as usize];
        for _ in 1..guests {
            let next = self.random.below(self.people.len() as u64) as usize;
            if !indices.contains(&next) {
                indices.push(next);
            }
        }
        indices.iter().filter_map(|index| self.people.get(*index).cloned()).collect()
    }

    fn meeting<E>(
        &mut self,
        start: i64,
        until_s: i64,
        last: bool,
        keep: &mut dyn FnMut(Value) -> Result<(), E>,
        landmarks: &mut Landmarks,
    ) -> Result<(), E> {
        let id = format!("7{}", self.random.digits(18));
        let number = format!("{}{}", 1 + self.random.below(9), self.random.digits(8));
        let minutes = [15, 30, 30, 30, 45, 60, 60, 90][self.random.below(8) as usize];
        let began = start - 60 + self.random.below(240) as i64;
        let ended = (began + minutes * 60 - 120 + self.random.below(420) as i64).min(until_s - 1);
        let guests = 2 + self.random.below(4) + self.random.below(4) * self.random.below(2);
        let party = self.party(last, guests);
        let Some(organizer) = party.first() else { return Ok(()) };
        let pick = self.random.below(self.rooms.len() as u64) as usize;
        let in_room = self.random.below(10) < 6;
        let room = self
            .rooms
            .get(pick)
            .filter(|_| in_room)
            .map(|room| (room.id.clone(), room.name.clone()));
        let topic = TOPICS[self.random.below(TOPICS.len() as u64) as usize];
        let (video, sharing) = (self.random.below(10) < 8, self.random.below(10) < 6);
        keep(json!({
            "kind": "meeting", "id": id, "meeting_no": number,
            "topic": format!("{}的{topic}", organizer.name), "organizer": organizer.name,
            "user_id": organizer.user_id, "department": organizer.department,
            "employee_no": organizer.employee_no, "email": organizer.email,
            "mobile": organizer.mobile, "start_time": began, "end_time": ended, "status": 2,
            "meeting_type": 2, "participants": party.len() + usize::from(room.is_some()),
            "devices": party.len() + usize::from(room.is_some()), "audio": true, "video": video,
            "sharing": sharing, "recording": self.random.below(5) == 0,
            "telephone": self.random.below(20) == 0,
            "room_ids": room.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(),
            "has_related_document": self.random.below(3) == 0,
            "ai_note": self.random.below(4) == 0, "meeting_subtype": 1,
        }))?;
        let call = Call { id: &id, began, ended, video, sharing };
        for (index, person) in party.iter().enumerate() {
            let join = self.stay(&call, person, index == 0 && sharing, keep)?;
            if last && index == 0 {
                landmarks.join_s = join;
                landmarks.user_id.clone_from(&person.user_id);
            }
        }
        if let Some((room_id, name)) = room {
            self.room_stay(&call, &room_id, &name, keep)?;
            self.reservation(start, minutes, &room_id, &name, topic, &party, keep)?;
        }
        if last {
            landmarks.meeting_no = number;
            (landmarks.start_s, landmarks.end_s) = (began, ended);
        }
        Ok(())
    }

    /// One person in a meeting, and how well it went; when they joined.
    fn stay<E>(
        &mut self,
        call: &Call<'_>,
        person: &Person,
        shares: bool,
        keep: &mut dyn FnMut(Value) -> Result<(), E>,
    ) -> Result<i64, E> {
        let random = &mut self.random;
        let id = format!("{}-{}", call.id, random.hex(8));
        let join = (call.began + random.below(240) as i64).min(call.ended - 1);
        let early = random.below(6) == 0;
        let leave = if early { call.ended - random.below(300) as i64 } else { call.ended };
        let leave = leave.max(join + 1);
        let (device, version) = DEVICES[random.below(DEVICES.len() as u64) as usize];
        let camera = call.video && random.below(3) != 0;
        let mut choose = |list: &[&'static str]| list[random.below(list.len() as u64) as usize];
        let place = choose(&PLACES);
        let (network, reason) = (choose(&NETWORKS), choose(&REASONS));
        let (microphone, speaker, lens) =
            (choose(&MICROPHONES), choose(&SPEAKERS), choose(&CAMERAS));
        keep(json!({
            "kind": "participant", "id": id, "meeting_id": call.id, "name": person.name,
            "department": person.department, "user_id": person.user_id,
            "employee_no": person.employee_no, "phone": person.mobile, "email": person.email,
            "device": device, "app_version": version,
            "public_ip": format!("203.0.113.{}", 1 + random.below(254)),
            "internal_ip": format!("192.168.{}.{}", random.below(4), 2 + random.below(250)),
            "use_rtc_proxy": random.below(30) == 0, "location": place, "network_type": network,
            "protocol": if random.below(12) == 0 { "tcp" } else { "udp" },
            "microphone": microphone, "speaker": speaker, "camera": lens,
            "audio": true, "video": camera, "sharing": shares,
            "join_time": join, "leave_time": leave,
            "leave_reason": if early { "主动离会" } else { reason }, "accept_status": 1,
        }))?;
        let streams = quality::Streams {
            video: camera,
            seen: call.video,
            shares,
            shared: call.sharing && !shares,
            wireless: network != "wired",
        };
        quality::minutes(random, &id, join, leave, &streams, keep)?;
        Ok(join)
    }

    /// A room in a meeting.
    fn room_stay<E>(
        &mut self,
        call: &Call<'_>,
        room_id: &str,
        name: &str,
        keep: &mut dyn FnMut(Value) -> Result<(), E>,
    ) -> Result<(), E> {
        let random = &mut self.random;
        let id = format!("{}-{}", call.id, random.hex(8));
        let join = (call.began + random.below(60) as i64).min(call.ended - 1);
        keep(json!({
            "kind": "participant", "id": id, "meeting_id": call.id, "name": name,
            "room_id": room_id, "device": "ROOMS", "app_version": "7.28.1",
            "internal_ip": format!("10.8.{}.{}", random.below(8), 2 + random.below(250)),
            "network_type": "wired", "protocol": "udp", "microphone": "Rooms 麦克风",
            "speaker": "Rooms 扬声器", "camera": "Rooms 摄像头", "audio": true,
            "video": call.video, "sharing": false, "join_time": join, "leave_time": call.ended,
            "leave_reason": "主持人结束会议",
        }))?;
        let streams = quality::Streams {
            video: call.video,
            seen: call.video,
            shares: false,
            shared: call.sharing,
            wireless: false,
        };
        quality::minutes(random, &id, join, call.ended, &streams, keep)
    }

    #[expect(clippy::too_many_arguments, reason = "a reservation has as many sides")]
    fn reservation<E>(
        &mut self,
        start: i64,
        minutes: i64,
        room_id: &str,
        room_name: &str,
        topic: &str,
        party: &[Person],
        keep: &mut dyn FnMut(Value) -> Result<(), E>,
    ) -> Result<(), E> {
        let Some(organizer) = party.first() else { return Ok(()) };
        let random = &mut self.random;
        let end = start + minutes * 60;
        let mut record = json!({
            "kind": "reservation", "id": format!("rsv-{}", random.hex(16)), "room_id": room_id,
            "room_name": room_name, "topic": format!("{}的{topic}", organizer.name),
            "reserver": organizer.name, "user_id": organizer.user_id,
            "department": organizer.department, "guests": party.len() as u64 + random.below(4),
            "accepted": party.len(), "start_time": start, "end_time": end,
        });
        match random.below(10) {
            0 => {
                record["reservation_status"] = json!("已释放（手动释放）");
                record["check_in_status"] = json!("无需签到");
                record["releasing_person"] = json!(organizer.name);
                record["releasing_time"] = json!(start - 600 - random.below(7_200) as i64);
            }
            1 => {
                record["reservation_status"] = json!("已释放（未签到被释放）");
                record["check_in_device"] = json!("签到板");
                record["check_in_status"] = json!("超时未签到");
                record["releasing_time"] = json!(start + 600);
            }
            2 => {
                record["reservation_status"] = json!("已释放（会议结束后自动释放）");
                record["check_in_device"] = json!("控制器");
                record["check_in_status"] = json!("已签到");
                record["check_in_time"] = json!(start + random.below(300) as i64);
                record["releasing_time"] = json!(end - 60 - random.below(240) as i64);
            }
            _ => {
                let device = CHECK_IN[random.below(CHECK_IN.len() as u64) as usize];
                record["reservation_status"] = json!("预定成功");
                record["check_in_device"] = json!(device);
                record["check_in_status"] = json!("已签到");
                record["check_in_time"] = json!(start - 120 + random.below(420) as i64);
            }
        }
        keep(record)
    }
}

/// A meeting, as its participants need it.
struct Call<'a> {
    id: &'a str,
    began: i64,
    ended: i64,
    video: bool,
    sharing: bool,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::convert::Infallible;

    use super::*;

    fn month(seed: u64) -> (Vec<String>, Landmarks) {
        let mut lines = Vec::new();
        let month = Month { meetings: 40, seed, until_s: 1_795_244_000, member: None };
        let landmarks = month.records(&mut |record| {
            lines.push(record.to_string());
            Ok::<(), Infallible>(())
        });
        (lines, landmarks.unwrap_or_default())
    }

    #[test]
    fn the_same_seed_gives_the_same_month() {
        let (lines, landmarks) = month(7);
        assert_eq!(lines, month(7).0);
        assert_ne!(lines, month(8).0);
        assert!(landmarks.end_s > landmarks.start_s && landmarks.end_s < 1_795_244_000);
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        for line in &lines {
            let record: Value = serde_json::from_str(line).unwrap_or_default();
            *kinds.entry(record["kind"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
        }
        assert_eq!(kinds["meeting"], 40);
        assert!(kinds["quality"] > 1_000 && kinds["reservation"] > 5, "{kinds:?}");
    }
}
