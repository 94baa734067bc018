/**
 * Routing: which rule of the configuration is for a name.
 *
 * <h2>Which rule comes first</h2>
 *
 * <ol>
 *   <li>{@code routes}, then {@code socks5_whitelist}, then {@code whitelist}, then {@code no_match}: a rule of an earlier
 *       one wins, however specific a later one is. ({@code no_sni} alone is for hellos without a name.)
 *   <li>Within each, the more specific pattern wins, and the order in which patterns are written never matters: the exact
 *       name; {@code *.domain} with the longest domain (at any depth below it, not the domain itself); {@code /regex/}, the
 *       longest expression first, which has to match the whole name; {@code *}.
 *   <li>For one pattern, a route with an {@code alpn} condition wins over the one without. Several such routes share no
 *       protocol (the configuration refuses that), and the client's first protocol that has a route decides. A route whose
 *       condition does not hold is as if it were not there: the next pattern is looked at.
 * </ol>
 *
 * Names are compared in canonical form, lower case and as A-labels.
 */
@NullMarked
package net.sniproxy.proxy.route;

import org.jspecify.annotations.NullMarked;
