// SPDX-License-Identifier: Apache-2.0
// The one slow file of the tests, built once without sanitizers and optimisation (tests/support/meson.build).
#if !__has_include(<catch2/catch_test_macros.hpp>)
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
#endif
