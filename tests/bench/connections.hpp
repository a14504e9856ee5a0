// SPDX-License-Identifier: Apache-2.0
// So many connections to a bus in one epoll: a client library with an event loop of its own would cost more than the
// service that is measured. One thread.
#pragma once

#include <sys/types.h>
#include <systemd/sd-bus.h>
#include <time.h>

#include <cstddef>
#include <string>
#include <vector>

namespace factord::bench {

// Throws std::runtime_error where an sd-bus function has failed.
void must(int result, const char* what);

class Connections {
 public:
  Connections(const std::string& address, std::size_t count);
  ~Connections();
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  const std::vector<sd_bus*>& all() const { return connections_; }

  // Waits until there is something to do, and does it, or until a signal; throws if that takes ten seconds.
  void process();

 private:
  void connect(const std::string& address);

  int epoll_;
  std::vector<sd_bus*> connections_;
};

// Of another process, whoever owns it.
class CpuClock {
 public:
  explicit CpuClock(pid_t process);
  double seconds() const;  // so far, of all its threads

 private:
  clockid_t clock_{};
};

}  // namespace factord::bench
