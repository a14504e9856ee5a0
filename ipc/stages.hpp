// SPDX-License-Identifier: Apache-2.0
// Where the steps of a call run. The daemon provides it: workers for what is slow and pure, the loop's open batch for
// what reads and writes.
#pragma once

#include <exception>
#include <functional>
#include <string>

#include "ipc/method.hpp"

namespace factord::ipc {

class Stages {
 public:
  virtual ~Stages() = default;

  // Throws Error (store_locked) while no call can be served.
  virtual void require_open() = 0;
  // Has a registration code this id, whosever it is?
  virtual bool knows_code(const std::string& id) = 0;
  // The organization of callers that name none.
  virtual const std::string& default_organization() const = 0;

  // Runs `job` on a worker, then `done` on the loop thread: with the exception that ended the job, or null.
  virtual void verify(Work work, std::function<void()> job, std::function<void(std::exception_ptr)> done) = 0;

  // Runs `operation` now, in a savepoint of the open batch if it writes. Gives the exception that ended it, or null.
  // What it saw or wrote is not durable yet, so nobody may be told before when_durable().
  virtual std::exception_ptr attempt(Effect effect, const std::function<void()>& operation) = 0;

  // Is all that was seen and written so far durable?
  virtual bool all_durable() const = 0;
  // Calls `then` on the loop thread once all that was seen and written so far is durable: now, or after the commit of
  // the open batch; with the exception that says why it never will be, or null.
  virtual void when_durable(std::function<void(std::exception_ptr)> then) = 0;
};

}  // namespace factord::ipc
