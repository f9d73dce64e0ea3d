//! The four reports: their columns (contract, `vc_export_sheets`), and how a record fills a row.

use larkspur_formats::{ReportColumn, ReportRow};
use larkspur_store::meetings::{METRICS, Meeting, Participant, REPORTED, Reservation, Sample};

use crate::vc::permission::Visible;
use crate::vc::shown::{Zone, duration, masked, measure, yes};

/// Letters of a time with its zone.
const TIME: u16 = 33;

const fn column(heading: &'static str, letters: u16) -> ReportColumn {
    ReportColumn { heading, letters }
}

pub(super) const MEETINGS: &[ReportColumn] = &[
    column("会议ID", 12),
    column("会议主题", 36),
    column("会议组织者", 14),
    column("部门", 18),
    column("用户ID", 14),
    column("工号", 14),
    column("邮箱", 28),
    column("手机", 18),
    column("会议开始时间", TIME),
    column("会议结束时间", TIME),
    column("会议持续时间", 14),
    column("参会人数量", 12),
    column("音频", 8),
    column("视频", 8),
    column("共享", 8),
    column("录制", 8),
    column("电话", 8),
];

pub(super) const PARTICIPANTS: &[ReportColumn] = &[
    column("参会人", 16),
    column("部门", 18),
    column("用户ID", 14),
    column("工号", 14),
    column("电话", 18),
    column("邮箱", 28),
    column("设备", 12),
    column("客户端版本", 14),
    column("公网IP", 18),
    column("内网IP", 18),
    column("代理服务", 10),
    column("位置", 14),
    column("网络类型", 10),
    column("麦克风", 26),
    column("扬声器", 26),
    column("摄像头", 26),
    column("音频", 8),
    column("视频", 8),
    column("共享", 8),
    column("入会时间", TIME),
    column("离会时间", TIME),
    column("参会时长", 12),
    column("离会原因", 20),
];

/// The columns of a quality report: ten for each kind of stream, in the order of [`METRICS`].
macro_rules! quality {
    ($($stream:literal),*; $($heading:literal),*) => {
        &[
            column("时间", TIME),
            $(
                column(concat!($stream, "-码率（接收）"), 22),
                column(concat!($stream, "-延迟（接收）"), 22),
                column(concat!($stream, "-抖动（接收）"), 22),
                column(concat!($stream, "-丢包平均（接收）"), 26),
                column(concat!($stream, "-丢包最大（接收）"), 26),
                column(concat!($stream, "-码率（发送）"), 22),
                column(concat!($stream, "-延迟（发送）"), 22),
                column(concat!($stream, "-抖动（发送）"), 22),
                column(concat!($stream, "-丢包平均（发送）"), 26),
                column(concat!($stream, "-丢包最大（发送）"), 26),
            )*
            $(column($heading, 22),)*
        ]
    };
}

pub(super) const QUALITY: &[ReportColumn] = quality![
    "音频", "视频", "共享屏幕";
    "客户端最小 CPU 占用", "客户端平均 CPU 占用", "客户端最大 CPU 占用", "系统最大 CPU 占用"
];

pub(super) const RESERVATIONS: &[ReportColumn] = &[
    column("会议室名称", 24),
    column("会议主题", 36),
    column("预定人", 14),
    column("预定人所属部门", 18),
    column("邀请人数", 10),
    column("接受人数", 10),
    column("会议开始时间", TIME),
    column("会议结束时间", TIME),
    column("会议时长", 12),
    column("会议室预定状态", 30),
    column("签到设备", 20),
    column("会议室签到状态", 28),
    column("会议室签到时间", TIME),
    column("释放人", 14),
    column("释放时间", TIME),
];

/// How the rows of one report are shown.
pub(super) struct Show {
    pub(super) zone: Zone,
    pub(super) visible: Visible,
    /// Whether reservations say what they are for.
    pub(super) topic: bool,
}

impl Show {
    fn time(&self, seconds: i64, row: &mut ReportRow) {
        row.cell(|text| self.zone.write(seconds, text));
    }

    pub(super) fn meeting(&self, meeting: &Meeting, row: &mut ReportRow) {
        let shown = |may: bool, text: &str| if may { text.to_owned() } else { String::new() };
        row.text(&meeting.meeting_no);
        row.text(&meeting.topic);
        row.text(&meeting.organizer);
        row.text(&meeting.department);
        row.text(&shown(self.visible.user_id, &meeting.user_id));
        row.text(&meeting.employee_no);
        row.text(&shown(self.visible.email, &meeting.email));
        row.text(&shown(self.visible.mobile, &masked(&meeting.mobile)));
        self.time(meeting.start_time, row);
        self.time(meeting.end_time, row);
        row.text(&duration(meeting.start_time, meeting.end_time));
        row.text(itoa::Buffer::new().format(meeting.participants));
        for flag in
            [meeting.audio, meeting.video, meeting.sharing, meeting.recording, meeting.telephone]
        {
            row.text(yes(flag));
        }
    }

    pub(super) fn participant(&self, stay: &Participant, row: &mut ReportRow) {
        let shown = |may: bool, text: &str| if may { text.to_owned() } else { String::new() };
        row.text(&stay.name);
        row.text(&stay.department);
        row.text(&shown(self.visible.user_id, &stay.user_id));
        row.text(&stay.employee_no);
        row.text(&shown(self.visible.mobile, &masked(&stay.phone)));
        row.text(&shown(self.visible.email, &stay.email));
        row.text(&stay.device);
        row.text(&stay.app_version);
        row.text(&stay.public_ip);
        row.text(&stay.internal_ip);
        row.text(yes(stay.use_rtc_proxy));
        row.text(&stay.location);
        row.text(&stay.network_type);
        row.text(&stay.microphone);
        row.text(&stay.speaker);
        row.text(&stay.camera);
        row.text(yes(stay.audio));
        row.text(yes(stay.video));
        row.text(yes(stay.sharing));
        self.time(stay.join_time, row);
        self.time(stay.leave_time, row);
        row.text(&duration(stay.join_time, stay.leave_time));
        row.text(&stay.leave_reason);
    }

    pub(super) fn sample(&self, sample: &Sample, row: &mut ReportRow) {
        self.time(sample.minute * 60, row);
        for (index, metric) in METRICS.iter().enumerate().take(REPORTED) {
            row.cell(|text| {
                if let Some(value) = sample.get(index) {
                    measure(value, metric.unit, text);
                }
            });
        }
    }

    pub(super) fn reservation(&self, reservation: &Reservation, row: &mut ReportRow) {
        row.text(&reservation.room_name);
        row.text(if self.topic { &reservation.topic } else { "" });
        row.text(&reservation.reserver);
        row.text(&reservation.department);
        row.text(itoa::Buffer::new().format(reservation.guests));
        row.text(itoa::Buffer::new().format(reservation.accepted));
        self.time(reservation.start_time, row);
        self.time(reservation.end_time, row);
        row.text(&duration(reservation.start_time, reservation.end_time));
        row.text(&reservation.reservation_status);
        row.text(&reservation.check_in_device);
        row.text(&reservation.check_in_status);
        self.time(reservation.check_in_time, row);
        row.text(&reservation.releasing_person);
        self.time(reservation.releasing_time, row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_the_contract_s_in_its_order() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/contract/codes.json");
        let Ok(text) = std::fs::read_to_string(path) else {
            println!("no contract beside the repository: headings not compared");
            return;
        };
        let codes: serde_json::Value = serde_json::from_str(&text).unwrap();
        let sheets = codes["vc_export_sheets"]["values"].as_array().unwrap();
        for (sheet, columns) in sheets.iter().zip([MEETINGS, PARTICIPANTS, QUALITY, RESERVATIONS]) {
            let wanted: Vec<&str> = sheet["columns"]
                .as_array()
                .unwrap()
                .iter()
                .map(|column| column["heading"].as_str().unwrap())
                .collect();
            let headings: Vec<&str> = columns.iter().map(|column| column.heading).collect();
            assert_eq!(headings, wanted, "{}", sheet["sheet"]);
        }
        assert_eq!(sheets.len(), 4);
        assert_eq!(QUALITY.len(), REPORTED + 1);
    }

    #[test]
    fn every_record_fills_every_column() {
        let show = Show {
            zone: Zone::new(480),
            visible: Visible { user_id: true, mobile: true, email: true },
            topic: true,
        };
        let count = |fill: &dyn Fn(&mut ReportRow)| {
            let mut row = ReportRow::default();
            fill(&mut row);
            row.cells().count()
        };
        assert_eq!(count(&|row| show.meeting(&Meeting::default(), row)), MEETINGS.len());
        let stay = Participant::default();
        assert_eq!(count(&|row| show.participant(&stay, row)), PARTICIPANTS.len());
        assert_eq!(count(&|row| show.sample(&Sample::new(1), row)), QUALITY.len());
        let reservation = Reservation::default();
        assert_eq!(count(&|row| show.reservation(&reservation, row)), RESERVATIONS.len());
    }
}
