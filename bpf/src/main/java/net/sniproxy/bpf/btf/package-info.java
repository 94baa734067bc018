/** BPF Type Format: read from the running kernel, built for our own types. */
@NullMarked
package net.sniproxy.bpf.btf;

import org.jspecify.annotations.NullMarked;
