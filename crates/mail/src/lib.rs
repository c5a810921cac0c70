//! All of e-mail: what letters say, how they become messages, and how they leave the house.
//!
//! A function reads [`MailArgs`], makes one [`Mailer`] for its whole life, and hands it one [`Outgoing`] at a time:
//!
//! ```no_run
//! # async fn example(args: mail::MailArgs, handle: domain::ids::Handle) -> Result<(), Box<dyn std::error::Error>> {
//! use mail::{Letter, Mailer, Outgoing, VerifyEmail};
//!
//! let mailer = Mailer::new(&args)?;
//! let link = mailer.links()?.verify_email(&handle, "the token");
//! mailer
//!     .send(&Outgoing {
//!         // Kept with whatever makes the letter be sent again, so that both have the same Message-ID.
//!         id: uuid::Uuid::now_v7(),
//!         to: "ada@acme.example".to_owned(),
//!         to_name: Some("Ada Lovelace".to_owned()),
//!         workspace: "Acme".to_owned(),
//!         letter: Letter::VerifyEmail(VerifyEmail { link }),
//!     })
//!     .await?;
//! # Ok(())
//! # }
//! ```
//!
//! Texts from people (names, devices, places) may be handed over as they are: each goes through
//! [`line::Line`](crate::line), which leaves one short visible line of it, and HTML is escaped in one place.

mod args;
mod content;
mod error;
mod folder;
mod html;
mod letters;
mod line;
mod links;
mod mailer;
mod message;
mod pool;
mod server;
mod session;
mod text;

pub use args::{MailArgs, SmtpUrl};
pub use error::{MailError, MailSettingError};
pub use letters::{
    AccountDeactivated, ApproachOfTakenAddress, EmailChanged, Invitation, Letter, NewDevice, PasswordChanged,
    ResetPassword, SignInLink, VerifyEmail,
};
pub use links::{Link, Links};
pub use mailer::{Mailer, Outgoing};
