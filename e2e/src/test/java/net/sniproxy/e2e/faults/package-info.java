/** Networks that lose, double, spoil and reorder packets: kernel programs of the tests, on interfaces that the tests made. */
@NullMarked
package net.sniproxy.e2e.faults;

import org.jspecify.annotations.NullMarked;
