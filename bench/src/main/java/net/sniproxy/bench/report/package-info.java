/** Puts what the benchmarks of one run printed together: Markdown, a chart for each column of figures, JSON. */
@NullMarked
package net.sniproxy.bench.report;

import org.jspecify.annotations.NullMarked;
