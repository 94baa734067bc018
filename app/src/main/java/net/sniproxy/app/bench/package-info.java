/**
 * What {@code sni-proxy bench} measures: the data paths of this machine beside no proxy. Client, proxy and back end are
 * processes of their own, so that none lends the others its processor time.
 */
@NullMarked
package net.sniproxy.app.bench;

import org.jspecify.annotations.NullMarked;
