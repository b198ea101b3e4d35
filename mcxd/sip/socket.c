/*
 * Agent: sockets that sofia keeps to itself
 */
#include "mcxd/sip/private.h"

#include "mcxd/base/log.h"
#include "proto/text/text.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <sys/socket.h>

/* A TCP listener has SO_ACCEPTCONN 1, a UDP socket has SO_TYPE SOCK_DGRAM. */
static bool is_socket_at(int fd, int option, int value, const struct sockaddr *addr,
			 socklen_t n_addr)
{
	struct sockaddr_storage own;
	socklen_t n_own = sizeof(own);
	int is = 0;
	socklen_t n_is = sizeof(is);

	if (getsockopt(fd, SOL_SOCKET, option, &is, &n_is) < 0 || is != value)
		return false;
	if (getsockname(fd, (struct sockaddr *)&own, &n_own) < 0)
		return false;
	return n_own == n_addr && !memcmp(&own, addr, n_addr);
}

static int find_socket(int option, int value, const struct sockaddr *addr, socklen_t n_addr)
{
	DIR *dir = opendir("/proc/self/fd");
	const struct dirent *entry;
	int found = -1;

	if (!dir)
		return -1;
	while (found < 0 && (entry = readdir(dir))) {
		char *end;
		long fd = strtol(entry->d_name, &end, 10);

		if (end != entry->d_name && is_socket_at((int)fd, option, value, addr, n_addr))
			found = (int)fd;
	}
	closedir(dir);
	return found;
}

int socket_bound_rcvbuf(int fd)
{
	int size = SOCKET_RCVBUF;

	return setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

void socket_tune_listener(const struct sockaddr *addr, socklen_t n_addr)
{
	int fd = find_socket(SO_ACCEPTCONN, 1, addr, n_addr);
	int on = 1;

	if (fd < 0 || socket_bound_rcvbuf(fd) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on)) < 0)
		log_warn("sip", NULL, "cannot set options of the TCP listener: %s",
			 fd < 0 ? "not found" : strerror(errno));
}

/* SO_RCVBUFFORCE ignores net.core.rmem_max, but needs CAP_NET_ADMIN. */
int socket_tune_udp(const struct sockaddr *addr, socklen_t n_addr, int64_t n_bytes)
{
	int fd = find_socket(SO_TYPE, SOCK_DGRAM, addr, n_addr);
	int size = n_bytes < INT_MAX / 2 ? (int)n_bytes : INT_MAX / 2;

	if (fd < 0 ||
	    (n_bytes > 0 && setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0 &&
	     setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)) < 0))
		log_warn("sip", NULL, "cannot set options of the UDP socket: %s",
			 fd < 0 ? "not found" : strerror(errno));
	return fd;
}

void socket_format(const struct sockaddr *addr, char *ret, size_t n)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)addr;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)addr;
	bool v6 = addr->sa_family == AF_INET6;
	char host[INET6_ADDRSTRLEN] = "", port[TEXT_NUMBER_SIZE];

	if (v6)
		inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof(host));
	else
		inet_ntop(AF_INET, &in->sin_addr, host, sizeof(host));
	text_join(ret, n, v6 ? "[" : "", host, v6 ? "]:" : ":",
		  text_number(port, ntohs(v6 ? in6->sin6_port : in->sin_port)));
}
