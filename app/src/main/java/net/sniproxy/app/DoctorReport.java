package net.sniproxy.app;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import net.sniproxy.proxy.doctor.Area;
import net.sniproxy.proxy.doctor.Finding;
import net.sniproxy.proxy.doctor.Status;
import tools.jackson.databind.json.JsonMapper;

/** What the doctor found, for people and for programs. */
final class DoctorReport {
    private DoctorReport() {}

    /** One JSON object on one line. */
    static String json(List<Finding> findings) {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("version", BuildInfo.version());
        report.put("findings", findings.stream().map(DoctorReport::row).toList());
        return JsonMapper.shared().writeValueAsString(report) + "\n";
    }

    private static Map<String, Object> row(Finding finding) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("area", finding.area().label());
        row.put("name", finding.name());
        row.put("status", finding.status().label());
        row.put("found", finding.found());
        row.put("advice", finding.advice());
        row.put("command", finding.command());
        return row;
    }

    /** A paragraph for each area, and a last line that sums up. */
    static String text(List<Finding> findings) {
        StringBuilder text = new StringBuilder(BuildInfo.describe()).append('\n');
        int statusWidth = width(findings, finding -> finding.status().label());
        int nameWidth = width(findings, Finding::name);
        for (Area area : Area.values()) {
            List<Finding> here =
                    findings.stream().filter(finding -> finding.area() == area).toList();
            if (!here.isEmpty()) {
                text.append('\n').append(area.title()).append('\n');
                here.forEach(finding -> append(text, finding, statusWidth, nameWidth));
            }
        }
        return text.append('\n').append(summary(findings)).append('\n').toString();
    }

    private static void append(StringBuilder text, Finding finding, int statusWidth, int nameWidth) {
        String format = "  %-" + statusWidth + "s  %-" + nameWidth + "s  ";
        String head = format.formatted(finding.status().label(), finding.name());
        String details = finding.found()
                + (finding.found().isEmpty() || finding.advice().isEmpty() ? "" : ": ")
                + OneLine.of(finding.advice());
        text.append(head).append(details).append('\n');
        if (!finding.command().isEmpty()) {
            text.append(" ".repeat(head.length()))
                    .append("mend: ")
                    .append(finding.command())
                    .append('\n');
        }
    }

    private static String summary(List<Finding> findings) {
        Map<Status, Long> counts =
                findings.stream().collect(Collectors.groupingBy(Finding::status, Collectors.counting()));
        return Arrays.stream(Status.values())
                .map(status -> counts.getOrDefault(status, 0L) + " " + status.label())
                .collect(Collectors.joining(", "));
    }

    private static int width(List<Finding> findings, Function<Finding, String> column) {
        return findings.stream().map(column).mapToInt(String::length).max().orElse(0);
    }
}
