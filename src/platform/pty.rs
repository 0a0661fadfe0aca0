//! A terminal that only a program sees: what it writes there, and what is typed, resized and closed from this side.
#![allow(
    unsafe_code,
    reason = "the standard library lets a child change itself before it becomes another program only by an unsafe call"
)]

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};

use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
use rustix::termios::{Winsize, tcgetattr, tcsetwinsize};

/// A pseudo-terminal and the program in it.
#[derive(Debug)]
pub struct Pty {
    master: File,
    child: Child,
}

impl Pty {
    /// Opens a terminal of this size and starts the command in it, as the leader of a session of its own.
    ///
    /// # Errors
    /// When the system has no terminal to give, or the program cannot be started.
    pub fn open(mut command: Command, rows: u16, columns: u16) -> io::Result<Self> {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        grantpt(&master)?;
        unlockpt(&master)?;
        let terminal = ioctl_tiocgptpeer(&master, OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        tcsetwinsize(&master, size(rows, columns))?;
        command.stdin(Stdio::from(terminal.try_clone()?));
        command.stdout(Stdio::from(terminal.try_clone()?)).stderr(Stdio::from(terminal));
        // SAFETY: the closure runs between fork and exec; it neither allocates nor locks, and its three system calls are
        // among those that may be made there.
        unsafe {
            command.pre_exec(|| {
                super::signals::unblock_all()?;
                rustix::process::setsid()?;
                rustix::process::ioctl_tiocsctty(rustix::stdio::stdin())?;
                Ok(())
            });
        }
        // The command keeps ends of the terminal; it goes with this function.
        Ok(Self { child: command.spawn()?, master: File::from(master) })
    }

    /// The program.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// What the program writes, for a thread that waits for it; ends when the program does.
    ///
    /// # Errors
    /// When the system has no descriptor to give.
    pub fn output(&self) -> io::Result<impl Iterator<Item = Vec<u8>> + Send + use<>> {
        let mut from = self.master.try_clone()?;
        Ok(std::iter::from_fn(move || {
            let mut bytes = [0; 8192];
            let count = from.read(&mut bytes).ok().filter(|count| *count > 0)?;
            Some(bytes[..count].to_vec())
        }))
    }

    /// Types these bytes.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.master.write_all(bytes)
    }

    /// Gives the window another size.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn resize(&self, rows: u16, columns: u16) -> io::Result<()> {
        Ok(tcsetwinsize(&self.master, size(rows, columns))?)
    }

    /// The terminal's modes, to be compared.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn modes(&self) -> io::Result<String> {
        Ok(format!("{:?}", tcgetattr(&self.master)?))
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn size(rows: u16, columns: u16) -> Winsize {
    Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_in_it_has_a_terminal_that_is_typed_at_and_resized() {
        let mut command = Command::new("sh");
        command.args(["-c", "test -t 0 && read line && echo heard $line && stty size"]);
        let mut pty = Pty::open(command, 24, 80).expect("a terminal");
        pty.resize(30, 100).expect("resized");
        assert!(!pty.modes().expect("modes").is_empty());
        pty.send(b"hello\n").expect("typed");
        let said: Vec<u8> = pty.output().expect("its output").flatten().collect();
        let said = String::from_utf8_lossy(&said);
        assert!(said.contains("heard hello") && said.contains("30 100"), "{said}");
        assert!(pty.child().wait().expect("its end").success());
    }
}
