//! What became of tasks, told to whoever wants to hear of it: the one form in which that is told, its
//! frames in a stream of server-sent events, and the courier that takes it to webhooks, signed. Who may
//! hear of what is decided above.

mod address;
mod courier;
mod form;
mod meter;
mod sender;
mod sign;

pub use self::courier::{Courier, CourierParts, KeyOf};
pub use self::form::{
    cut_off_frame, frame, heartbeat_frame, json, ready_frame, standing_frame, timestamp,
};
pub use self::meter::Meter;
pub use self::sender::{HttpSender, Message, Send};
pub use self::sign::shown_secret;
