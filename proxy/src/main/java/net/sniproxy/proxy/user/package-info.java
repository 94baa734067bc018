/** The user that a proxy started by root becomes ({@code user} of the configuration). */
@NullMarked
package net.sniproxy.proxy.user;

import org.jspecify.annotations.NullMarked;
