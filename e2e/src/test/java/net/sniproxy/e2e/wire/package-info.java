/**
 * Byte-precise peers: one class for a TCP endpoint whose every segment, FIN and RST the test decides, a back end made of
 * it, reproducible payloads, and a builder of ClientHellos that can be as wrong as a test wants.
 */
@NullMarked
package net.sniproxy.e2e.wire;

import org.jspecify.annotations.NullMarked;
