// SPDX-License-Identifier: Apache-2.0
// The three streams of the tool: answers come from `in`, data goes to `out`, talk to `talk`. Written without buffers of
// its own, so that a secret which passes through is left nowhere. One thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/secret.hpp"

namespace factord::factorctl {

class Console {
 public:
  Console(int in, int out, int talk) : in_(in), out_(out), talk_(talk) {}

  int in() const { return in_; }
  // The same with data going to where talk goes.
  Console talking() const { return {in_, talk_, talk_}; }
  // A person sits at the input; without one nothing is ever asked.
  bool can_ask() const;
  // Data goes to a terminal: it may have colour, and its lines should fit.
  bool draws() const;
  std::size_t width() const;

  void print(std::string_view data) const;
  void say(std::string_view line) const;

  // The next line of the input, without its end. The question is shown to a person only.
  std::string ask(std::string_view question) const;
  // The same for a secret: not echoed. Throws core::Error like ask(), where there is nothing or too much to read.
  core::Secret ask_secret(std::string_view question) const;

 private:
  int in_;
  int out_;
  int talk_;
};

}  // namespace factord::factorctl
