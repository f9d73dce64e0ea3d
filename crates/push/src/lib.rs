//! What became of tasks, told to whoever wants to hear of it: the one form in which that is told, and
//! its frames in a stream of server-sent events. Who may hear of what is decided above.

mod form;

pub use self::form::{
    cut_off_frame, frame, heartbeat_frame, json, ready_frame, standing_frame, timestamp,
};
