#!/bin/bash
# Holds packaging/kubernetes/daemonset.yaml to Kubernetes' own schema: a key that it does not know, or one that is missing, fails.
# The schema is that of Kubernetes' Java client, which is fetched below target/daemonset and is no part of the build.
# usage: scripts/check-daemonset.sh [MANIFEST]
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
work=$root/target/daemonset
manifest=${1:-$root/packaging/kubernetes/daemonset.yaml}
mkdir -p "$work"

cat >"$work/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>net.sniproxy</groupId>
  <artifactId>check-daemonset</artifactId>
  <version>1</version>
  <dependencies>
    <dependency><groupId>io.kubernetes</groupId><artifactId>client-java-api</artifactId><version>24.0.0</version></dependency>
    <dependency><groupId>org.yaml</groupId><artifactId>snakeyaml</artifactId><version>2.4</version></dependency>
  </dependencies>
</project>
POM
cat >"$work/Check.java" <<'JAVA'
import com.google.gson.*;
import io.kubernetes.client.openapi.models.*;
import java.nio.file.*;
import org.yaml.snakeyaml.*;
import org.yaml.snakeyaml.constructor.SafeConstructor;

public class Check {
    public static void main(String[] arguments) throws Exception {
        Yaml yaml = new Yaml(new SafeConstructor(new LoaderOptions()));
        for (Object document : yaml.loadAll(Files.readString(Path.of(arguments[0])))) {
            JsonElement json = new Gson().toJsonTree(document);
            String kind = json.getAsJsonObject().get("kind").getAsString();
            try {
                validate(kind, json);
            } catch (IllegalArgumentException e) {
                System.err.println(kind + ": " + e.getMessage());
                System.exit(1);
            }
            System.out.println(kind + ": valid");
        }
    }

    static void validate(String kind, JsonElement json) throws Exception {
        switch (kind) {
            case "ConfigMap" -> V1ConfigMap.validateJsonElement(json);
            case "DaemonSet" -> V1DaemonSet.validateJsonElement(json);
            default -> throw new IllegalArgumentException("not looked at by this script");
        }
    }
}
JAVA

"$root/mvnw" -B -ntp -q -f "$work/pom.xml" dependency:copy-dependencies -DoutputDirectory="$work/lib"
"$("$root/scripts/find-jdk.sh")/bin/java" -cp "$work/lib/*" "$work/Check.java" "$manifest"
