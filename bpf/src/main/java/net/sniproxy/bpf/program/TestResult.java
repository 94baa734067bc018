package net.sniproxy.bpf.program;

/**
 * How a run on test data ended.
 *
 * @param returnValue what the program returned; 0 for live frames
 * @param data the packet as the program left it
 * @param context the context as the program left it, if one was given
 * @param nanosPerRun average time of one run
 */
public record TestResult(int returnValue, byte[] data, byte[] context, int nanosPerRun) {}
