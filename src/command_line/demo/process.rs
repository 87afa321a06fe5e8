//! One server as a process of its own: started, asked whether it writes, started again after it
//! ended.
//!
//! Knows the command line of the program and the answer to `/readyz`. Ends with its owner, even if
//! that is killed: a server whose input has ended stops.

use std::fs::File;
use std::io::{BufRead, BufReader, Lines};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;
use http::StatusCode;
use tokio::task::block_in_place;
use tokio::time::timeout;

use crate::command_line::demo::web::{Ask, Web};

/// For the answer whether it writes: one that takes longer does not serve anybody.
const READY_SPAN: Duration = Duration::from_millis(500);
/// After it ended by itself, or by somebody else's hand, it is started again.
const AGAIN_SPAN: Duration = Duration::from_secs(5);
/// A server drains for at most 8 s before it ends.
const END_SPAN: Duration = Duration::from_secs(20);

/// How a server is started.
pub(super) struct Launch {
    pub(super) name: &'static str,
    pub(super) config: PathBuf,
    pub(super) log: PathBuf,
    pub(super) flags: Vec<String>,
}

/// A server, running or not.
pub(super) struct Server {
    launch: Launch,
    running: Option<Running>,
    /// When it ended, or could not be started again.
    ended_at: Instant,
}

struct Running {
    child: Child,
    public: SocketAddr,
    ops: SocketAddr,
    /// Asks the ops listener.
    web: Web,
    /// Kept open, so that it can print.
    _said: Lines<BufReader<ChildStdout>>,
}

/// What a server does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Role {
    Writes,
    StandsBy,
    /// It runs, and does not say.
    Silent,
    Gone,
}

/// What one look at a server saw.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Sight {
    pub(super) name: &'static str,
    pub(super) pid: Option<u32>,
    pub(super) role: Role,
    /// Its public and its ops listener.
    pub(super) at: Option<[SocketAddr; 2]>,
}

impl Server {
    /// Starts it.
    pub(super) fn start(launch: Launch) -> anyhow::Result<Self> {
        let running = Some(Running::start(&launch)?);
        Ok(Self { launch, running, ended_at: Instant::now() })
    }

    /// Looks at it; starts it again if it ended some time ago.
    pub(super) async fn look(&mut self) -> Sight {
        let name = self.launch.name;
        if self.running.as_mut().is_some_and(Running::has_ended) {
            self.running = None;
            self.ended_at = Instant::now();
        }
        if self.running.is_none() && self.ended_at.elapsed() > AGAIN_SPAN {
            self.running = block_in_place(|| Running::start(&self.launch)).ok();
            self.ended_at = Instant::now();
        }
        let Some(running) = &self.running else {
            return Sight { name, pid: None, role: Role::Gone, at: None };
        };
        let (pid, at) = (Some(running.child.id()), Some([running.public, running.ops]));
        Sight { name, pid, role: running.role().await, at }
    }

    /// Kills it without a word of warning.
    pub(super) fn kill(&mut self) -> std::io::Result<()> {
        self.running.as_mut().map_or(Ok(()), |running| running.child.kill())
    }

    /// Ends it in peace, if it runs.
    pub(super) fn end(&mut self) {
        let Some(mut running) = self.running.take() else { return };
        drop(running.child.stdin.take());
        let begun = Instant::now();
        while begun.elapsed() < END_SPAN && !running.has_ended() {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Running {
    fn start(launch: &Launch) -> anyhow::Result<Self> {
        let log = File::options().create(true).append(true).open(&launch.log)?;
        let mut command = Command::new(std::env::current_exe().context("this program's path")?);
        command.args(["serve", "--until-input-ends", "--config"]).arg(&launch.config);
        launch.flags.iter().for_each(|flag| {
            command.arg("--set").arg(flag);
        });
        // In a group of its own: Ctrl-C is for the demonstration, which ends it when it is time.
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log);
        let mut child = command.spawn().context("cannot start a server")?;
        let said = child.stdout.take().expect("it was asked for");
        let mut said = BufReader::new(said).lines();
        let mut address = |name: &str| {
            let line = said.next().and_then(Result::ok);
            let found = line.and_then(|line| {
                line.strip_prefix(name)?.trim().strip_prefix("http://")?.parse().ok()
            });
            let log = launch.log.display();
            found.with_context(|| format!("a server does not start: {log} may say why"))
        };
        let (public, ops) = (address("public")?, address("ops")?);
        Ok(Self { child, public, ops, web: Web::new(ops, 1), _said: said })
    }

    async fn role(&self) -> Role {
        let said = timeout(READY_SPAN, self.web.ask(&Ask::get("/readyz"))).await;
        match said {
            Ok(Ok(reply)) if reply.status == StatusCode::OK => Role::Writes,
            Ok(Ok(reply)) if reply.problem().is_some_and(|problem| problem.code == "standby") => {
                Role::StandsBy
            }
            _ => Role::Silent,
        }
    }

    fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
