/** Real clients and servers, as Debian ships them: nginx, openssl, curl, danted, dnsmasq; and a DNS server by script. */
@NullMarked
package net.sniproxy.e2e.peers;

import org.jspecify.annotations.NullMarked;
