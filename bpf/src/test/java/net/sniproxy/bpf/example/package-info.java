/** The example of the README, as it stands there. */
@NullMarked
package net.sniproxy.bpf.example;

import org.jspecify.annotations.NullMarked;
