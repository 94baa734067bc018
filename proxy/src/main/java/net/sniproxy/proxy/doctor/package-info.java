/**
 * Looks at a machine before, or instead of, running the proxy there: what the kernel, the privileges and the interfaces
 * allow, which data paths there will be, and the command that mends what is missing. It attaches nothing to an interface
 * or a cgroup, and needs no privilege: what it could not see it says.
 */
@NullMarked
package net.sniproxy.proxy.doctor;

import org.jspecify.annotations.NullMarked;
