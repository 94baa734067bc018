package net.sniproxy.proxy.transport;

/**
 * User event of a channel: its socket has an error of which Netty does not tell, because the peer has sent FIN before and there is
 * nothing to read any more. {@link SocketState#takeError} says which.
 */
public enum SocketFailure {
    EVENT
}
