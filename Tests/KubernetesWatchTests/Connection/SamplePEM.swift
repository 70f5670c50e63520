/// Certificates and keys that protect nothing; made for these tests.
enum SamplePEM {
    /// CN=kubernetes, valid for a hundred years.
    static let authority = """
        -----BEGIN CERTIFICATE-----
        MIIBgDCCASegAwIBAgIUbaYbmtP2jhcX3Am0c2TNKhYSd5MwCgYIKoZIzj0EAwIw
        FTETMBEGA1UEAwwKa3ViZXJuZXRlczAgFw0yNjExMjExMTQzNTdaGA8yMTI2MTAy
        ODExNDM1N1owFTETMBEGA1UEAwwKa3ViZXJuZXRlczBZMBMGByqGSM49AgEGCCqG
        SM49AwEHA0IABP3yESi+EEljtIV17ofdJ4WhiGCl9m4zmOx4bjVy2NIS0Kygr3+1
        Il9eAeHTyETPIpnmwf8BfCB7+N8nGRe1f5ijUzBRMB0GA1UdDgQWBBRRvkt7cCdx
        yMjEP1sxW4xKZBM//TAfBgNVHSMEGDAWgBRRvkt7cCdxyMjEP1sxW4xKZBM//TAP
        BgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCIEPHrDzzeN84CoY5EmDS
        XOKok5Uv6Uyl0+U/DVIo2sTEAiAfVwLD/9zGVVpRHxgv22rB+N+xzE9WzqguCGh7
        hOQMAA==
        -----END CERTIFICATE-----

        """

    /// O=kubeadm:cluster-admins, CN=kubernetes-admin, signed with `key`.
    static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBzzCCAXWgAwIBAgIUVkSs5wFPadNSXaOBxoOAv3hDVZUwCgYIKoZIzj0EAwIw
        PDEfMB0GA1UECgwWa3ViZWFkbTpjbHVzdGVyLWFkbWluczEZMBcGA1UEAwwQa3Vi
        ZXJuZXRlcy1hZG1pbjAgFw0yNjExMjExMTQzNTdaGA8yMTI2MTAyODExNDM1N1ow
        PDEfMB0GA1UECgwWa3ViZWFkbTpjbHVzdGVyLWFkbWluczEZMBcGA1UEAwwQa3Vi
        ZXJuZXRlcy1hZG1pbjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABF7wTTNkDPkS
        CRZDeUHxz9Eueq1IZArkujs1Pt/+hbAER+S3tCanLT5UlJxXFip/pCSd9hTbXH6f
        OdiFkdbQFFijUzBRMB0GA1UdDgQWBBQkh07ybiisq+AMM4Wioqmzks2xDjAfBgNV
        HSMEGDAWgBQkh07ybiisq+AMM4Wioqmzks2xDjAPBgNVHRMBAf8EBTADAQH/MAoG
        CCqGSM49BAMCA0gAMEUCIB8iIueiznHsPZ43PsD+6tlCasuIWPHKAbxGNSXN4xOu
        AiEAj3Ullehgr+QdFGUgzdyUUoT5e/+4jhZccBEXbiLPPAk=
        -----END CERTIFICATE-----

        """

    /// PKCS #8.
    static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgsJx9kXyGBE9IQhnT
        KFG5rHSj5tiIulN/AG+PrSEg4Z6hRANCAARe8E0zZAz5EgkWQ3lB8c/RLnqtSGQK
        5Lo7NT7f/oWwBEfkt7Qmpy0+VJScVxYqf6QknfYU21x+nznYhZHW0BRY
        -----END PRIVATE KEY-----

        """

    /// `key` as OpenSSL encrypted keys once.
    static let oldEncryptedKey = """
        -----BEGIN EC PRIVATE KEY-----
        Proc-Type: 4,ENCRYPTED
        DEK-Info: AES-128-CBC,F734881D2D726C0AA105314F2F95F14B

        B0fwbDmw0GVnpZoQk9qFAsq51hh5FHNMdmmOI95l8TR0Ue9OSoaMj7meb/DmYsig
        0AxRU3M05xbv+CXv+j13XS40t3givD4psd6hXU11Eoc+5EUhSz6tdY2aXSJxe82j
        ndVwWRGHKX8kj1uXb84FFyn4uw9fOrFlAnmev1HJW5A=
        -----END EC PRIVATE KEY-----

        """

    /// `key`, PKCS #8, encrypted.
    static let encryptedKey = """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiCe1EH+sryjQICCAAw
        DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEED4v07wsnSGlqWmhtdBYIKYEgZB/
        uEWnWrF5UGi7C8jhMX2iafsdIsqxlbYbXWsNarx6osl55RPWWsNF5v4IB2trMRMg
        kbumm5BZjWUcYI25iuWLocAVzJC5jueiXKqagh6gJLGge7HD3LsKbqBgx/hLcbB4
        D95rciCLTvPgpGe1nTRUXPgZUUo52F8eoYm3GKSIZdUTAl6Fik1lf44adGPqHHA=
        -----END ENCRYPTED PRIVATE KEY-----

        """
}
