/**
 * Questions and orders to a running proxy, through a unix socket that only its user and root may open.
 *
 * <p>Each line is one JSON object: {@code {"command": "filter.status", "arguments": {}}} is answered with
 * {@code {"ok": …}} or {@code {"error": "what, where, and the way out"}}, on one line too, in the order of the requests.
 */
@NullMarked
package net.sniproxy.proxy.admin;

import org.jspecify.annotations.NullMarked;
