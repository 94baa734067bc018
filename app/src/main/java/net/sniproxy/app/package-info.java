/**
 * The {@code sni-proxy} command. {@link net.sniproxy.app.Main} is the entry point; each subcommand is a class {@code …Command},
 * which reads options, calls the proxy or asks a running one, and prints. {@code run} is {@code Server}: the proxy as a process,
 * with its signals, its user and its service manager.
 *
 * <p>A command that cannot do its job throws {@code CommandFailure}, whose message is all that a user sees.
 */
@NullMarked
package net.sniproxy.app;

import org.jspecify.annotations.NullMarked;
