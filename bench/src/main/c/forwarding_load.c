// A client and a server that measure whatever forwards between them.
//   forwarding_load server ADDRESS PORT
//   forwarding_load client ADDRESS PORT NAME ping SECONDS BYTES   prints p50 and p99 of a round trip in microseconds
//   forwarding_load client ADDRESS PORT NAME bulk MEGABYTES       prints Gbit/s from the first byte to the answer of the server
// The client begins with a TLS ClientHello that asks for NAME, so that SNI proxies route it; the server answers that with one
// byte. What follows is not TLS. Every byte of a bulk transfer is checked for order by a sum over positions.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK = 1 << 16, MOST_PINGS = 4000000 };

static unsigned char chunk[CHUNK];

static void die(const char *what) {
  perror(what);
  exit(1);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec * 1e-9;
}

static void send_all(int socket, const void *data, size_t length) {
  for (size_t done = 0; done < length;) {
    ssize_t n = send(socket, (const char *)data + done, length - done, MSG_NOSIGNAL);
    if (n <= 0) die("send");
    done += n;
  }
}

static int receive_all(int socket, void *data, size_t length) {
  for (size_t done = 0; done < length;) {
    ssize_t n = recv(socket, (char *)data + done, length - done, 0);
    if (n < 0) die("recv");
    if (n == 0) return 0;
    done += n;
  }
  return 1;
}

static struct sockaddr_in address(char **arguments) {
  struct sockaddr_in result = {.sin_family = AF_INET, .sin_port = htons(atoi(arguments[1]))};
  if (inet_pton(AF_INET, arguments[0], &result.sin_addr) != 1) die(arguments[0]);
  return result;
}

static void no_delay(int socket) {
  int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

struct request {
  uint32_t ping_bytes; // 0 for a bulk transfer
  uint32_t reserved;
  uint64_t bulk_bytes;
};

// The chunk of a bulk transfer says where it is in the stream.
static void mark(uint64_t position) {
  for (size_t i = 0; i < CHUNK; i += 4096) memcpy(chunk + i, &position, sizeof position);
}

static void serve_bulk(int socket, uint64_t bytes) {
  for (uint64_t at = 0; at < bytes; at += CHUNK) {
    if (!receive_all(socket, chunk, CHUNK)) return;
    for (size_t i = 0; i < CHUNK; i += 4096) {
      if (memcmp(chunk + i, &at, sizeof at) != 0) {
        fprintf(stderr, "out of order at %llu\n", (unsigned long long)(at + i));
        exit(1);
      }
    }
  }
  send_all(socket, "!", 1);
}

static void serve(int socket) {
  unsigned char record[5];
  struct request request;
  no_delay(socket);
  if (!receive_all(socket, record, 5) || !receive_all(socket, chunk, record[3] << 8 | record[4])) return;
  send_all(socket, "!", 1);
  if (!receive_all(socket, &request, sizeof request)) return;
  if (request.ping_bytes == 0) {
    serve_bulk(socket, request.bulk_bytes);
    return;
  }
  while (receive_all(socket, chunk, request.ping_bytes)) send_all(socket, chunk, request.ping_bytes);
}

static int run_server(char **arguments) {
  int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  struct sockaddr_in at = address(arguments);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr *)&at, sizeof at) || listen(listener, 128)) die("listen");
  signal(SIGCHLD, SIG_IGN);
  for (;;) {
    int connection = accept(listener, 0, 0);
    if (connection < 0) die("accept");
    if (fork() == 0) {
      serve(connection);
      _exit(0);
    }
    close(connection);
  }
}

static unsigned char *put16(unsigned char *at, size_t value) {
  at[0] = value >> 8;
  at[1] = value;
  return at + 2;
}

// RFC 8446 section 4.1.2 with the one extension that matters here.
static size_t client_hello(unsigned char *hello, const char *name) {
  size_t length = strlen(name), extension = length + 5, body = 2 + 32 + 1 + 4 + 2 + 2 + 4 + extension;
  unsigned char *at = hello;
  *at++ = 22;
  at = put16(at, 0x0301);
  at = put16(at, body + 4);
  *at++ = 1;
  *at++ = 0;
  at = put16(at, body);
  at = put16(at, 0x0303);
  memset(at, 7, 32);
  at += 32;
  *at++ = 0;
  at = put16(at, 2);
  at = put16(at, 0x1301);
  at = put16(at, 0x0100);
  at = put16(at, 4 + extension);
  at = put16(at, 0);
  at = put16(at, extension);
  at = put16(at, length + 3);
  *at++ = 0;
  at = put16(at, length);
  memcpy(at, name, length);
  return at + length - hello;
}

static int connect_through(char **arguments, const char *name) {
  int connection = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in to = address(arguments);
  if (connect(connection, (struct sockaddr *)&to, sizeof to)) die("connect");
  no_delay(connection);
  send_all(connection, chunk, client_hello(chunk, name));
  if (!receive_all(connection, chunk, 1) || chunk[0] != '!') {
    fprintf(stderr, "the hello was not answered by the server\n");
    exit(1);
  }
  return connection;
}

static int compare(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return x < y ? -1 : x > y;
}

static void ping(int socket, double seconds, uint32_t bytes) {
  float *times = malloc(MOST_PINGS * sizeof *times);
  struct request request = {.ping_bytes = bytes};
  send_all(socket, &request, sizeof request);
  double begin = now(), last = begin;
  size_t count = 0;
  while (count < MOST_PINGS && last - begin < seconds) {
    send_all(socket, chunk, bytes);
    if (!receive_all(socket, chunk, bytes)) die("the end");
    double time = now();
    times[count++] = (time - last) * 1e6;
    last = time;
  }
  qsort(times, count, sizeof *times, compare);
  printf("%.2f %.2f\n", times[count / 2], times[count * 99 / 100]);
}

static void bulk(int socket, uint64_t bytes) {
  struct request request = {.bulk_bytes = bytes};
  send_all(socket, &request, sizeof request);
  double begin = now();
  for (uint64_t at = 0; at < bytes; at += CHUNK) {
    mark(at);
    send_all(socket, chunk, CHUNK);
  }
  if (!receive_all(socket, chunk, 1)) die("no answer");
  printf("%.2f\n", bytes * 8e-9 / (now() - begin));
}

int main(int count, char **arguments) {
  if (count == 4 && strcmp(arguments[1], "server") == 0) return run_server(arguments + 2);
  if (count < 7 || strcmp(arguments[1], "client") != 0) {
    fprintf(stderr, "usage: see the first lines of the source\n");
    return 2;
  }
  int connection = connect_through(arguments + 2, arguments[4]);
  if (strcmp(arguments[5], "ping") == 0) {
    ping(connection, atof(arguments[6]), atoi(arguments[7]));
  } else {
    bulk(connection, (uint64_t)atol(arguments[6]) << 20);
  }
  return 0;
}
