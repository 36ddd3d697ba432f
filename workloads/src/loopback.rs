//! Sockets that talk to each other over the loopback device, 127.0.0.1.
//!
//! What is sent is compared with what came. Every socket gives up after a time, so that nobody waits for ever for a peer that has failed.

use alloc::string::String;
use alloc::vec::Vec;
use alloc::{format, vec};
use core::net::{Ipv4Addr, SocketAddrV4};
use core::time::Duration;

use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType};
use rustix::net::{accept_with, bind, connect, getsockname, listen, recv, send, socket_with};

use crate::failure::{Doing as _, Failure, ensure};
use crate::pattern::fill;
use crate::thread;

/// Bytes of a stream that are sent at a time.
const CHUNK: usize = 16 << 10;

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
fn pair() -> Result<(OwnedFd, OwnedFd), Errno> {
    let (one, address_of_one) = socket(SocketType::DGRAM)?;
    let (other, address_of_other) = socket(SocketType::DGRAM)?;
    connect(&one, &address_of_other)?;
    connect(&other, &address_of_one)?;
    Ok((one, other))
}

/// Two ends of a connection.
fn connection() -> Result<(OwnedFd, OwnedFd), Errno> {
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
fn put(socket: &OwnedFd, mut data: &[u8]) -> Result<(), Failure> {
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
fn take(socket: &OwnedFd, into: &mut [u8]) -> Result<usize, Failure> {
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
fn take_all(socket: &OwnedFd, into: &mut [u8]) -> Result<(), Failure> {
    let mut filled = 0;
    while filled < into.len() {
        let got = take(socket, &mut into[filled..])?;
        ensure(got > 0, || format!("the connection ended {} bytes too soon", into.len() - filled))?;
        filled += got;
    }
    Ok(())
}

/// Sends datagrams to a thread that sends each back, one at a time.
///
/// # Errors
/// The kernel's for sockets and threads; [`Failure::Broken`] for a datagram that is changed or does
/// not come.
pub fn echoes(datagrams: u64, size: usize) -> Result<(), Failure> {
    let (one, other) = pair().doing("make sockets for datagrams")?;
    thread::scope(|scope| {
        let echo = move || {
            (0..datagrams).try_for_each(|number| {
                let datagram = expect(&other, number, size)?;
                put(&other, &datagram)
            })
        };
        let echo = scope.spawn(echo).doing("make a thread")?;
        let sent = (0..datagrams).try_for_each(|number| {
            let mut datagram = vec![0; size];
            fill(&mut datagram, number);
            put(&one, &datagram)?;
            expect(&one, number, size).map(drop)
        });
        echo.join().and(sent)
    })
}

/// Receives the datagram with this number, whole and unchanged.
fn expect(socket: &OwnedFd, number: u64, size: usize) -> Result<Vec<u8>, Failure> {
    let mut wanted = vec![0; size];
    fill(&mut wanted, number);
    // One byte more: a datagram that is too long must not look right.
    let mut datagram = vec![0; size + 1];
    let got = take(socket, &mut datagram)?;
    datagram.truncate(got);
    ensure(datagram == wanted, || format!("datagram {number} came back changed"))?;
    Ok(datagram)
}

/// Sends bytes over a connection from one thread to another.
///
/// # Errors
/// As [`echoes`].
pub fn stream(bytes: usize) -> Result<(), Failure> {
    let (one, other) = connection().doing("make a connection")?;
    let chunks = || (0..bytes.div_ceil(CHUNK)).map(move |n| (n, CHUNK.min(bytes - n * CHUNK)));
    thread::scope(|scope| {
        let sender = move || {
            let mut chunk = vec![0; CHUNK];
            chunks().try_for_each(|(number, size)| {
                fill(&mut chunk, number as u64);
                put(&one, &chunk[..size])
            })
            // Here its end is closed: the receiver sees how much there was.
        };
        let sender = scope.spawn(sender).doing("make a thread")?;
        let received = chunks().try_for_each(|(number, size)| receive(&other, number, size));
        let end = received.and_then(|()| take(&other, &mut [0]));
        drop(other);
        sender.join()?;
        ensure(end? == 0, || String::from("more came over the connection than was sent"))
    })
}

/// Receives one piece of the stream.
fn receive(socket: &OwnedFd, number: usize, size: usize) -> Result<(), Failure> {
    let (mut chunk, mut wanted) = (vec![0; size], vec![0; CHUNK]);
    take_all(socket, &mut chunk)?;
    fill(&mut wanted, number as u64);
    ensure(chunk == wanted[..size], || format!("piece {number} came changed"))
}
