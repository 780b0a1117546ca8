#pragma once
// The communicator of a test that runs under mpirun.

#include "partition/comm/session.hpp"

namespace gasket {

/// Of all ranks; made by the main of MPI tests.
Communicator& world();
/// Says that this run could not test what it is for; ctest then shows it as skipped. Called by all ranks.
void mark_skipped();

}  // namespace gasket
