// Entry of the tests of one process (unit/): Catch2's own. MPI is never started.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
