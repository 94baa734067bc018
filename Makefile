# One way in for each task; `make help` lists them.
MVN := ./mvnw -B -ntp -q
# Tests print their summary, so they are not quiet.
MVN_TEST := ./mvnw -B -ntp
JAR := app/target/sni-proxy.jar
CACHE := app/target/sni-proxy.aot
SOURCES := $(shell find . \( -path ./target -o -path ./\*/target \) -prune -o \( -path '*/src/main/*' -o -name pom.xml \) -type f -print)

.PHONY: help build run test build-ebpf dist abuse bench bench-connections bench-network bench-flows bench-flood fuzz compare format clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

build: $(CACHE) ## compile and package, without tests

$(JAR): $(SOURCES)
	$(MVN) package -pl app -am -DskipTests
	@touch $@

# Without it the proxy starts and warms up more slowly, no more.
$(CACHE): $(JAR)
	@scripts/train.sh "$$(scripts/find-jdk.sh)" $(JAR) $@ || { echo "no AOT cache: see above" >&2; : >$@; }

run: build ## run the proxy: ARGS="run -c FILE"; without ARGS the demo
	./sni-proxy $(or $(ARGS),demo)

test: ## install what the tests need, then run every test
	scripts/install-test-tools.sh
	$(MVN_TEST) verify
	scripts/bench-report.sh short

dist: $(JAR) ## the self-contained image, its archive and the Debian package, tried out: target/dist
	scripts/dist.sh

build-ebpf: build ## write the kernel programs as object files: target/bpfel-unknown-none, target/bpfeb-unknown-none
	scripts/build-ebpf.sh

abuse: ## the tests of docs/abuse.md, with a table of what each scenario came to: ROWS="10 11" for some, SOAK=3600 (seconds)
	SOAK=$(or $(SOAK),120) scripts/abuse.sh $(ROWS)

bench: ## every data path beside other proxies, and all else that is measured: bench/report/report.md; ARGS="-f 1 -wi 1 -i 1 Hello" for a few of JMH's only
	$(MVN) package -pl bench -am -DskipTests -Pbenchmarks
	$(MAKE) -s build
	scripts/$(if $(ARGS),bench.sh $$ARGS,bench-report.sh) # from the environment: the shell takes no | of a pattern for its own

bench-connections: build ## new connections a second beside HAProxy, nginx and sniproxy: docs/benchmarks/connections.md
	scripts/bench-connections.sh

bench-network: ## the splice and the relay beside HAProxy, nginx, sniproxy and no proxy: docs/benchmarks/network.md
	$(MVN) package -pl bench -am -DskipTests -Pbenchmarks
	$(MAKE) -s build
	scripts/bench-network.sh

bench-flows: ## what the splice costs other packets, and with up to a million connections: docs/splice.md
	$(MVN) package -pl bench -am -DskipTests -Pbenchmarks
	scripts/bench-flows.sh

bench-flood: ## what a client notices of a SYN flood, with the source filter and without: docs/filter.md
	$(MVN) package -pl bench -am -DskipTests -Pbenchmarks
	scripts/bench-flood.sh

fuzz: ## random kernel programs, in the kernel and on the JVM: SECONDS=600 SEED=42
	$(MVN_TEST) test -pl compiler -am -Dtest=FuzzTest -Dsurefire.failIfNoSpecifiedTests=false -Dfuzz.seconds=$(or $(SECONDS),600) $(if $(SEED),-Dfuzz.seed=$(SEED))

compare: ## what our compiler and clang make of the same kernel programs: docs/clang-comparison.md
	$(MVN) package -pl bench -am -DskipTests -Pbenchmarks
	scripts/compare-with-clang.sh

format: ## format every source file
	$(MVN) spotless:apply

clean: ## remove what the build made
	$(MVN) clean
