/**
 * The programs that run inside the kernel, written in Java, and the maps and structs that they share with the control plane.
 * The language is described in {@link net.sniproxy.bpf.compiler.lang}; the control plane loads and attaches the programs from
 * {@code net.sniproxy.proxy}.
 *
 * <table>
 * <caption>The programs</caption>
 * <tr><th>program</th><th>class</th><th>where it runs</th><th>verdicts</th><th>Linux</th></tr>
 * <tr><td>{@code xdp_ip_filter}</td><td>{@link net.sniproxy.kernel.XdpIpFilter}</td>
 *     <td>XDP: each frame that an interface receives</td><td>PASS, DROP</td><td>5.9</td></tr>
 * <tr><td>{@code tc_splice}</td><td>{@link net.sniproxy.kernel.TcSplice}</td>
 *     <td>TC ingress (TCX, or clsact before 6.6): each packet behind XDP</td><td>UNSPEC, REDIRECT, SHOT</td><td>5.10</td></tr>
 * <tr><td>{@code enrol_socket}</td><td>{@link net.sniproxy.kernel.SocketEnrolment}</td>
 *     <td>SOCK_OPS of a cgroup: TCP events of the sockets in it</td><td>always 1</td><td rowspan="4">6.3</td></tr>
 * <tr><td>{@code redirect_msg}</td><td>{@link net.sniproxy.kernel.RedirectMsg}</td>
 *     <td>SK_MSG of {@code SOCK_MAP}: each send on a socket in it</td><td>PASS</td></tr>
 * <tr><td>{@code count_consumed}</td><td>{@link net.sniproxy.kernel.SocketConsumption}</td>
 *     <td>tracepoint {@code sock_recv_length}: each read of a socket</td><td>always 0</td></tr>
 * <tr><td>{@code refuse_ulp}</td><td>{@link net.sniproxy.kernel.UpperLayerRefusal}</td>
 *     <td>CGROUP_SOCKOPT of a cgroup: each setsockopt(2) in it</td><td>1, or 0 for EPERM</td></tr>
 * </table>
 *
 * <h2>Where to begin</h2>
 *
 * <p>Each program is one method with {@link net.sniproxy.bpf.compiler.lang.BpfProgram}; read from there. What it calls is
 * compiled into it, so a class is a part of the program with a name, not a thing that exists in the kernel.
 *
 * <ol>
 *   <li><b>The source filter</b>, the simplest: {@code XdpIpFilter} reads a frame with {@code FilterPacket}, asks {@code
 *       ListenPort} whether it is the proxy's, {@code SourceRules} about its source, and {@code SynBudget} about its rate.
 *   <li><b>The packet splice</b>: {@code TcSplice} reads a frame with {@code TcpSegment}, looks up its {@link
 *       net.sniproxy.kernel.Flow} (constants of one direction) and {@link net.sniproxy.kernel.Splice} (what has become of the
 *       connection), lets {@code SpliceOwner} decide whose the segment is, and rewrites it with {@code SegmentRewrite}: {@code
 *       AddressRewrite} for IP, then TCP, whose options {@code OptionRewrite} moves. {@code SpliceAccount} counts. What is no
 *       TCP goes to {@code PathMtu}. The control plane makes the entries with {@link net.sniproxy.kernel.SplicePlan}.
 *   <li><b>The redirection between sockets</b>, four programs for one purpose: {@code SocketEnrolment} puts sockets into the
 *       map, {@code RedirectMsg} moves what they send, {@code SocketConsumption} counts what they read, and {@code
 *       UpperLayerRefusal} keeps kTLS off. {@link net.sniproxy.kernel.RedirectFlow} says why the bytes stay in order.
 * </ol>
 *
 * <p>Frame headers are read by {@code EthernetHeader}, {@code Ipv4Header}, {@code Ipv6Header} and {@code TransportHeader}.
 *
 * <h2>What the two sides share</h2>
 *
 * <p>Maps are constants: {@link net.sniproxy.kernel.KernelMaps} those of several programs, {@link
 * net.sniproxy.kernel.FilterMaps}, {@link net.sniproxy.kernel.SpliceMaps} and {@link net.sniproxy.kernel.DnsMaps} those of one
 * function. Their keys and values are records and classes with {@link net.sniproxy.bpf.layout.Struct}; ports and numbers in
 * them are in host order unless they say otherwise, addresses in network order as they lie in memory, IPv4 mapped into IPv6.
 * {@link net.sniproxy.kernel.Setting} switches programs while they run, {@link net.sniproxy.kernel.Variant} when they are
 * compiled. {@link net.sniproxy.kernel.TrafficCounter} numbers what they count.
 *
 * <p>Everything here also runs on the JVM, which is how most tests run it; see {@code KernelProgramsTest} and its neighbours
 * for the same programs behind the verifier.
 */
@NullMarked
package net.sniproxy.kernel;

import org.jspecify.annotations.NullMarked;
