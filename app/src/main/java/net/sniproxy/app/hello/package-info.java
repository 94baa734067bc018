/**
 * Decodes ClientHellos that lie in files: raw bytes, hex dumps, and packet captures. What a hello says is read by the same
 * code that the proxy routes by; here is only how to get to the bytes.
 */
@NullMarked
package net.sniproxy.app.hello;

import org.jspecify.annotations.NullMarked;
