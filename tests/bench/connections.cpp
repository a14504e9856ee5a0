// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/connections.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>

namespace factord::bench {

void must(int result, const char* what) {
  if (result < 0) throw std::runtime_error(std::string(what) + ": error " + std::to_string(-result));
}

Connections::Connections(const std::string& address, std::size_t count) : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  for (std::size_t i = 0; i < count; ++i) connect(address);
}

Connections::~Connections() {
  for (sd_bus* bus : connections_) sd_bus_close_unref(bus);
  close(epoll_);
}

void Connections::connect(const std::string& address) {
  sd_bus* bus = nullptr;
  must(sd_bus_new(&bus), "connection");
  connections_.push_back(bus);
  must(sd_bus_set_address(bus, address.c_str()), "address");
  must(sd_bus_set_bus_client(bus, 1), "bus client");
  must(sd_bus_start(bus), "start");
  const char* name = nullptr;
  must(sd_bus_get_unique_name(bus, &name), "Hello");
  epoll_event event{.events = EPOLLIN, .data = {.ptr = bus}};
  must(epoll_ctl(epoll_, EPOLL_CTL_ADD, sd_bus_get_fd(bus), &event), "epoll");
}

void Connections::process() {
  std::array<epoll_event, 64> events{};
  const int ready = epoll_wait(epoll_, events.data(), events.size(), 10'000);
  if (ready < 0 && errno == EINTR) return;
  if (ready <= 0) throw std::runtime_error("nothing happens for ten seconds");
  for (int i = 0; i < ready; ++i)
    while (sd_bus_process(static_cast<sd_bus*>(events.at(std::size_t(i)).data.ptr), nullptr) > 0) {
    }
}

CpuClock::CpuClock(pid_t process) {
  if (clock_getcpuclockid(process, &clock_) != 0) throw std::runtime_error("no such process");
}

double CpuClock::seconds() const {
  timespec time{};
  clock_gettime(clock_, &time);
  return double(time.tv_sec) + double(time.tv_nsec) / 1e9;
}

}  // namespace factord::bench
