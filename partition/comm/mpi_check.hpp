#pragma once
// Return codes of MPI calls that can fail for a reason go through here.

namespace gasket {

/// Throws Error(lost_peer) naming the call and MPI's own words when `code` is not MPI_SUCCESS.
void check_mpi(int code, const char* call);

}  // namespace gasket
