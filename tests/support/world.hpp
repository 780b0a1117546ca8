#pragma once
// The communicator of a test that runs under mpirun.

#include "partition/comm/session.hpp"

namespace gasket {

/// Of all ranks; made by the main of MPI tests.
Communicator& world();

}  // namespace gasket
