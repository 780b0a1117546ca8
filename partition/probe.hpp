#pragma once
// How fast each rank's machine is at what a superstep does, measured (Song et al., Proxy-Guided Load Balancing of Graph
// Processing Workloads on Heterogeneous Clusters, ICPP 2016, with one proxy): every rank sums over the in-edges of a
// small R-MAT graph of its own, with its threads, all ranks at once, so that ranks of one host share what they will share.

#include <chrono>
#include <vector>

#include "partition/comm/communicator.hpp"

namespace gasket {

/// Arcs per second of this rank, over so long. Collective.
double measure_speed(Communicator& comm, std::chrono::milliseconds time = std::chrono::milliseconds(400));

/// Weights for LoadOptions from the speeds of all ranks: 1 is their mean, in hundredths. Where none is a tenth away
/// from it the differences are taken for noise, and all are 1.
std::vector<double> weights_of(std::vector<double> speeds);

}  // namespace gasket
