package net.sniproxy.bpf.compiler.lang;

/** What socket storage can hang on: {@link BpfSock}, or a {@link KernelStruct} of a socket. */
public interface SocketPointer {}
