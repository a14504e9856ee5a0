// SPDX-License-Identifier: Apache-2.0
// Wrong registration codes, counted where the code is kept. A count whose batch is lost is owed: it comes first in the
// next batch, so a failing disk gives nobody tries that are not counted. Owned by the service; loop thread.
#pragma once

#include <string>
#include <vector>

#include "core/owner.hpp"
#include "storage/store.hpp"

namespace factord::daemon {

class CodeFailures {
 public:
  explicit CodeFailures(storage::Store& store) : store_(store) {}

  // Needs an open transaction.
  void count(const core::Owner& owner, const std::string& code_id);

  // Of the batch in which it is counted: writes what is owed; keeps what is lost.
  void opened();
  void ended(bool kept);

 private:
  struct Failure {
    core::Owner owner;
    std::string code_id;
  };
  void write(const Failure& failure);

  storage::Store& store_;
  std::vector<Failure> made_;  // in the open batch
  std::vector<Failure> owed_;
};

}  // namespace factord::daemon
