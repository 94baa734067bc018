/** Kernel programs that the compiler's tests compile and run. */
package net.sniproxy.bpf.compiler.sample;
