// Tells SoapySDR that there is a driver `heliograph`.
#include <SoapySDR/Modules.hpp>
#include <SoapySDR/Registry.hpp>

#include "device/radio.hpp"

namespace {

// Answers only when asked by name: otherwise every enumeration would list a radio that is not there.
SoapySDR::KwargsList find(const SoapySDR::Kwargs &arguments) {
    if (!arguments.count("driver")) return {};
    SoapySDR::Kwargs found = arguments;
    const auto ether = arguments.find("ether");
    found["label"] = "Heliograph virtual radio, ether " + (ether == arguments.end() ? "default" : ether->second);
    return {found};
}

SoapySDR::Device *make(const SoapySDR::Kwargs &arguments) { return new heliograph::VirtualRadio(arguments); }

const SoapySDR::Registry registered("heliograph", &find, &make, SOAPY_SDR_ABI_VERSION);
const SoapySDR::ModuleVersion version("0.1.0");

} // namespace
