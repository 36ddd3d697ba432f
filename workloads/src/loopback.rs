//! Sockets that talk to each other over the loopback device, 127.0.0.1.
//!
//! Every socket gives up after a time, so that nobody waits for ever for a peer that has failed.

use alloc::format;
use core::net::{Ipv4Addr, SocketAddrV4};
use core::time::Duration;

use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType};
use rustix::net::{accept_with, bind, connect, getsockname, listen, recv, send, socket_with};

use crate::failure::{Doing as _, Failure, ensure};

/// How long a socket waits.
const PATIENCE: Duration = Duration::from_secs(10);

/// A socket at a port that the kernel chooses, and its address.
fn socket(kind: SocketType) -> Result<(OwnedFd, SocketAddrV4), Errno> {
    let socket = socket_with(AddressFamily::INET, kind, SocketFlags::CLOEXEC, None)?;
    bind(&socket, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0))?;
    set_socket_timeout(&socket, Timeout::Recv, Some(PATIENCE))?;
    set_socket_timeout(&socket, Timeout::Send, Some(PATIENCE))?;
    let address = SocketAddrV4::try_from(getsockname(&socket)?)?;
    Ok((socket, address))
}

/// Two sockets for datagrams, which take them from each other alone.
///
/// # Errors
/// Those of `socket`, `bind` and `connect`.
pub fn datagrams() -> Result<(OwnedFd, OwnedFd), Errno> {
    let (one, address_of_one) = socket(SocketType::DGRAM)?;
    let (other, address_of_other) = socket(SocketType::DGRAM)?;
    connect(&one, &address_of_other)?;
    connect(&other, &address_of_one)?;
    Ok((one, other))
}

/// Two ends of a connection.
///
/// # Errors
/// Those of `socket`, `listen`, `connect` and `accept`.
pub fn stream() -> Result<(OwnedFd, OwnedFd), Errno> {
    let (listener, address) = socket(SocketType::STREAM)?;
    listen(&listener, 1)?;
    let (one, _) = socket(SocketType::STREAM)?;
    // It is complete as soon as the listener has room for it: nobody has to accept it for that.
    connect(&one, &address)?;
    let other = accept_with(&listener, SocketFlags::CLOEXEC)?;
    set_socket_timeout(&other, Timeout::Recv, Some(PATIENCE))?;
    Ok((one, other))
}

/// Sends one datagram, or all of this over a connection.
///
/// # Errors
/// Those of `send`; `EPIPE` for a peer that is gone.
pub fn put(socket: &OwnedFd, mut data: &[u8]) -> Result<(), Failure> {
    while !data.is_empty() {
        match send(socket, data, SendFlags::NOSIGNAL) {
            Ok(sent) => data = &data[sent..],
            Err(Errno::INTR) => {}
            Err(error) => return Err(error).doing("send over the loopback device"),
        }
    }
    Ok(())
}

/// Receives one datagram, or what of a connection there is; its bytes, 0 at the connection's end.
///
/// # Errors
/// Those of `recv`; [`Failure::Broken`] if nothing comes in time.
pub fn take(socket: &OwnedFd, into: &mut [u8]) -> Result<usize, Failure> {
    loop {
        match recv(socket, &mut *into, RecvFlags::empty()) {
            Ok((got, _)) => return Ok(got),
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => ensure(false, || format!("nothing came within {PATIENCE:?}"))?,
            Err(error) => return Err(error).doing("receive from the loopback device"),
        }
    }
}

/// Receives so many bytes from a connection.
///
/// # Errors
/// As [`take`]; [`Failure::Broken`] if it ends before.
pub fn take_all(socket: &OwnedFd, into: &mut [u8]) -> Result<(), Failure> {
    let mut filled = 0;
    while filled < into.len() {
        let got = take(socket, &mut into[filled..])?;
        ensure(got > 0, || format!("the connection ended {} bytes too soon", into.len() - filled))?;
        filled += got;
    }
    Ok(())
}
