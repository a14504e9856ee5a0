// SPDX-License-Identifier: Apache-2.0
// Catch2 2.13 and 3 through one header: only what both have under one name is used (TEST_CASE, SECTION, CHECK, REQUIRE,
// CHECK_THROWS_AS, GENERATE).
#pragma once

#if __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#else
#include <catch2/catch.hpp>
#endif
