/*
 * How many connections a second a TLS router makes, and how long each takes.
 *
 *   connection_rate serve PORT                          the back end: answers whatever it gets with 100 bytes
 *   connection_rate load PORT SECONDS PARALLEL NAME     the clients: ClientHello for NAME, 100 bytes back, close
 *
 * Both on 127.0.0.1 with one thread. "load" prints one JSON object. A connection counts when the back end's own bytes came
 * back: a router that refuses the name answers too, and fast.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER = 100, EVENTS = 256, DESCRIPTORS = 20000, MOST_SAMPLES = 8000000, GRACE_SECONDS = 3 };

static const char MARK = 'b';

static void die(const char *what) {
    perror(what);
    exit(1);
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + now.tv_nsec * 1e-9;
}

static struct sockaddr_in loopback(const char *port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(port))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static void watch(int epoll, int operation, int fd, uint32_t events) {
    struct epoll_event event = {.events = events, .data.fd = fd};
    if (epoll_ctl(epoll, operation, fd, &event)) die("epoll_ctl");
}

/* ---- back end ---- */

static void accept_all(int epoll, int listener) {
    int fd;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) watch(epoll, EPOLL_CTL_ADD, fd, EPOLLIN);
}

static void answer(int fd) {
    static char received[65536];
    char bytes[ANSWER];
    ssize_t length = recv(fd, received, sizeof received, 0);
    if (length > 0) {
        memset(bytes, MARK, sizeof bytes);
        send(fd, bytes, sizeof bytes, MSG_NOSIGNAL);
    } else if (length == 0 || errno != EAGAIN) {
        close(fd);
    }
}

static void serve(const char *port) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
    struct sockaddr_in address = loopback(port);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, sizeof address)) die("bind");
    if (listen(listener, 8192)) die("listen");
    int epoll = epoll_create1(0);
    watch(epoll, EPOLL_CTL_ADD, listener, EPOLLIN);
    for (;;) {
        struct epoll_event events[EVENTS];
        int ready = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < ready; i++) {
            if (events[i].data.fd == listener) accept_all(epoll, listener);
            else answer(events[i].data.fd);
        }
    }
}

/* ---- clients ---- */

struct message {
    uint8_t bytes[1024];
    size_t length;
};

static void put8(struct message *m, unsigned value) { m->bytes[m->length++] = value; }

static void put16(struct message *m, unsigned value) {
    put8(m, value >> 8);
    put8(m, value);
}

static void put_bytes(struct message *m, const void *bytes, size_t length) {
    memcpy(m->bytes + m->length, bytes, length);
    m->length += length;
}

static void put_zeros(struct message *m, size_t count) {
    memset(m->bytes + m->length, 0, count);
    m->length += count;
}

/* Sets a length field of two bytes to what has been written behind it. */
static void close_length(struct message *m, size_t field) {
    size_t length = m->length - field - 2;
    m->bytes[field] = length >> 8;
    m->bytes[field + 1] = length;
}

/* RFC 8446 section 4.1.2 with server_name and padding: 300 bytes, about what TLS 1.2 clients send. */
static struct message client_hello(const char *name) {
    struct message m = {.length = 0};
    size_t name_length = strlen(name);
    put8(&m, 22);
    put16(&m, 0x0301);
    size_t record = m.length;
    put16(&m, 0);
    put8(&m, 1);
    put8(&m, 0);
    size_t handshake = m.length;
    put16(&m, 0);
    put16(&m, 0x0303);
    put_zeros(&m, 32); /* random */
    put8(&m, 0);       /* session id */
    put16(&m, 4);      /* cipher suites */
    put16(&m, 0x1301);
    put16(&m, 0xc02f);
    put16(&m, 0x0100); /* one compression method: none */
    size_t extensions = m.length;
    put16(&m, 0);
    put16(&m, 0); /* server_name */
    put16(&m, name_length + 5);
    put16(&m, name_length + 3);
    put8(&m, 0);
    put16(&m, name_length);
    put_bytes(&m, name, name_length);
    put16(&m, 21); /* padding */
    put16(&m, 200);
    put_zeros(&m, 200);
    close_length(&m, extensions);
    close_length(&m, handshake);
    close_length(&m, record);
    return m;
}

struct load {
    int epoll;
    struct sockaddr_in address;
    struct message hello;
    double began[DESCRIPTORS];
    float *milliseconds;
    long done, failed;
    int open;
};

static void begin(struct load *load) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (fd < 0 || fd >= DESCRIPTORS) die("socket");
    load->began[fd] = seconds();
    if (connect(fd, (struct sockaddr *)&load->address, sizeof load->address) && errno != EINPROGRESS) die("connect");
    watch(load->epoll, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLOUT);
    load->open++;
}

static void finish(struct load *load, int fd) {
    char bytes[ANSWER + 1];
    ssize_t length = recv(fd, bytes, sizeof bytes, 0);
    if (length == ANSWER && bytes[0] == MARK) {
        if (load->done < MOST_SAMPLES) load->milliseconds[load->done] = (seconds() - load->began[fd]) * 1e3;
        load->done++;
    } else {
        load->failed++;
    }
    close(fd);
    load->open--;
}

static void handle(struct load *load, const struct epoll_event *event) {
    int fd = event->data.fd;
    if (event->events & (EPOLLIN | EPOLLERR | EPOLLHUP)) {
        finish(load, fd);
    } else if (event->events & EPOLLOUT) {
        send(fd, load->hello.bytes, load->hello.length, MSG_NOSIGNAL);
        watch(load->epoll, EPOLL_CTL_MOD, fd, EPOLLIN);
    }
}

static int ascending(const void *a, const void *b) {
    float left = *(const float *)a, right = *(const float *)b;
    return (left > right) - (left < right);
}

static void report(struct load *load, double took) {
    long samples = load->done < MOST_SAMPLES ? load->done : MOST_SAMPLES;
    qsort(load->milliseconds, samples, sizeof(float), ascending);
    double p50 = samples ? load->milliseconds[samples / 2] : 0;
    double p99 = samples ? load->milliseconds[samples * 99 / 100] : 0;
    printf("{\"connections\": %ld, \"failed\": %ld, \"per_second\": %.0f, \"p50_ms\": %.2f, \"p99_ms\": %.2f}\n",
           load->done, load->failed, load->done / took, p50, p99);
}

static void run_load(const char *port, double duration, int parallel, const char *name) {
    static struct load load;
    load.epoll = epoll_create1(0);
    load.address = loopback(port);
    load.hello = client_hello(name);
    load.milliseconds = calloc(MOST_SAMPLES, sizeof(float));
    double start = seconds(), end = start + duration;
    while (seconds() < end || load.open > 0) {
        while (load.open < parallel && seconds() < end) begin(&load);
        struct epoll_event events[EVENTS];
        int ready = epoll_wait(load.epoll, events, EVENTS, 1000);
        for (int i = 0; i < ready; i++) handle(&load, &events[i]);
        if (seconds() > end + GRACE_SECONDS) {
            load.failed += load.open;
            break;
        }
    }
    report(&load, duration);
}

int main(int count, char **arguments) {
    signal(SIGPIPE, SIG_IGN);
    if (count == 3 && !strcmp(arguments[1], "serve")) {
        serve(arguments[2]);
    } else if (count == 6 && !strcmp(arguments[1], "load")) {
        run_load(arguments[2], atof(arguments[3]), atoi(arguments[4]), arguments[5]);
    } else {
        fprintf(stderr, "usage: connection_rate serve PORT | load PORT SECONDS PARALLEL NAME\n");
        return 2;
    }
    return 0;
}
