// SPDX-License-Identifier: Apache-2.0
// The connection to the bus, and the only file that knows which sdbus-c++ there is. Owned by main; everything here
// happens on the loop thread. No exception leaves a callback: it would go through sd-bus, which is C.
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ipc/incoming.hpp"
#include "ipc/value.hpp"

struct sd_bus;
struct sd_bus_message;
struct sd_event;

namespace factord::ipc {

// As it stands in the introspection data.
struct Member {
  std::string interface;
  std::string name;
  std::string in_signature;
  std::vector<std::string> in_names;
  std::string out_signature;
  std::vector<std::string> out_names;
};  // a signal has nothing but what goes out

struct Property {
  std::string interface;
  std::string name;
  std::function<std::string()> value;  // all properties are texts
};

// Who is at the other end, as the bus itself vouches for: never from arguments, never by pid.
struct Credentials {
  uid_t uid;
  std::vector<gid_t> groups;
};

class Bus {
 public:
  // "system" (obeying DBUS_SYSTEM_BUS_ADDRESS), "session" or an address. Throws Error (unavailable).
  static std::unique_ptr<Bus> connect(const std::string& bus);
  ~Bus();

  using Handler = std::function<void(Incoming)>;
  // One handler per member. Called before claim_name().
  void publish(std::vector<std::pair<Member, Handler>> methods, std::vector<Property> properties,
               std::vector<Member> signals);
  void claim_name();            // throws Error (unavailable) where the policy or another owner forbids it
  void attach(sd_event* loop);  // the loop ends when the bus goes away
  sd_bus* raw() const;          // the connection's own

  // Asks the bus. Nothing where the caller has gone, or the bus does not say.
  void credentials_of(const std::string& unique_name, std::function<void(std::optional<Credentials>)> answer);

  // A method, or a signal, of another service.
  struct Target {
    const char* service;
    const char* object;
    const char* interface;
    const char* member;
  };
  // A call under way. Dropping it forgets the call: an answer that still comes is not looked at.
  class Pending {
   public:
    virtual ~Pending() = default;
  };
  using Write = std::function<bool(sd_bus_message* arguments)>;  // false: they cannot be written
  using Reply = std::function<void(sd_bus_message* reply)>;      // an error reply, too
  // Starts the service where it can be started, waits without limit of time, and hands over the reply once; the call
  // may be dropped in there. Null where it cannot even be sent; then nothing is handed over.
  std::unique_ptr<Pending> call(const Target& target, const Write& write, Reply reply);
  // Wants no answer, and starts nothing.
  void tell(const Target& target, const Write& write);

  // Calls `gone` once when that connection leaves the bus; ended early by dropping the watch.
  class Watch {
   public:
    virtual ~Watch() = default;
  };
  std::unique_ptr<Watch> watch(const std::string& unique_name, std::function<void()> gone);
  // Calls `gone` for every connection that leaves, and every other name that is given up; ended by dropping the watch.
  std::unique_ptr<Watch> watch_all(std::function<void(const std::string& name)> gone);
  // Calls `heard` for each such signal of another service, whoever sends it; ended by dropping the watch.
  std::unique_ptr<Watch> listen(const Target& signal, std::function<void()> heard);

 private:
  struct Parts;
  explicit Bus(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace factord::ipc
