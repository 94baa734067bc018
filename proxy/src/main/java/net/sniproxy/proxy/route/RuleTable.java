package net.sniproxy.proxy.route;

import com.google.re2j.Pattern;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import net.sniproxy.proxy.config.NamePattern;

/**
 * Rules by their patterns. A look-up takes one hash of the name, one for each of its parent domains, and one pass of each
 * expression over it: the number of names and domains does not matter. Filled while the router is made, then left alone.
 */
final class RuleTable<R extends Rule> {
    private record Expression<R>(NamePattern.Regex pattern, Pattern compiled, R rule) {}

    /** The longer expression counts as the more specific one; the alphabet decides between equals. */
    private static final Comparator<Expression<?>> SPECIFIC_FIRST = Comparator.<Expression<?>>comparingInt(
                    expression -> -expression.pattern().expression().length())
            .thenComparing(expression -> expression.pattern().expression());

    private final Map<String, R> exact = new HashMap<>();
    private final Map<String, R> below = new HashMap<>();
    private final List<Expression<R>> expressions = new ArrayList<>();
    private Optional<R> any = Optional.empty();
    /** The labels of the longest domain in {@code below}: longer parents of a name need not be looked up. */
    private int mostLabels;

    /** The rule of a pattern, made where there is none yet. */
    R rule(NamePattern pattern, Supplier<R> maker) {
        return switch (pattern) {
            case NamePattern.Exact(String name) -> exact.computeIfAbsent(name, _ -> maker.get());
            case NamePattern.Below(String domain) -> {
                mostLabels = Math.max(mostLabels, labels(domain));
                yield below.computeIfAbsent(domain, _ -> maker.get());
            }
            case NamePattern.Regex regex -> expression(regex, maker);
            case NamePattern.Any _ -> {
                any = any.or(() -> Optional.of(maker.get()));
                yield any.orElseThrow();
            }
        };
    }

    /** The route of the most specific rule for a name that has one for these protocols. */
    Optional<Route> route(String name, List<String> alpn) {
        return byName(name, alpn)
                .or(() -> byDomain(name, alpn))
                .or(() -> byExpression(name, alpn))
                .or(() -> any.flatMap(rule -> rule.route(new NamePattern.Any(), alpn)));
    }

    private Optional<Route> byName(String name, List<String> alpn) {
        return Optional.ofNullable(exact.get(name)).flatMap(rule -> rule.route(new NamePattern.Exact(name), alpn));
    }

    private Optional<Route> byDomain(String name, List<String> alpn) {
        if (below.isEmpty()) {
            return Optional.empty();
        }
        int tooLong = labels(name) - 1 - mostLabels;
        for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
            if (tooLong-- > 0) {
                continue;
            }
            String domain = name.substring(dot + 1);
            R rule = below.get(domain);
            Optional<Route> route = rule == null ? Optional.empty() : rule.route(new NamePattern.Below(domain), alpn);
            if (route.isPresent()) {
                return route;
            }
        }
        return Optional.empty();
    }

    private Optional<Route> byExpression(String name, List<String> alpn) {
        return expressions.stream()
                .filter(expression -> expression.compiled().matches(name))
                .flatMap(expression -> expression.rule().route(expression.pattern(), alpn).stream())
                .findFirst();
    }

    private R expression(NamePattern.Regex pattern, Supplier<R> maker) {
        for (Expression<R> expression : expressions) {
            if (expression.pattern().equals(pattern)) {
                return expression.rule();
            }
        }
        R rule = maker.get();
        expressions.add(new Expression<>(pattern, Pattern.compile(pattern.expression()), rule));
        expressions.sort(SPECIFIC_FIRST);
        return rule;
    }

    private static int labels(String name) {
        return 1 + (int) name.chars().filter(c -> c == '.').count();
    }
}
